"""What the endpoint is measured against: the service and the script that a person would write."""

from __future__ import annotations

from pathlib import Path

import joblib
from serving_examples import LABEL, people
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

KEY = "key-of-the-benchmark"

BY_HAND = '''\
"""A service as a person would write it: FastAPI, pydantic, pandas, a scikit-learn Pipeline."""
import sys
import joblib
import pandas as pd
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

model = joblib.load(sys.argv[1])
app = FastAPI()
bearer = HTTPBearer()

class Row(BaseModel):
    age: int
    price: float
    town: str
    member: bool

class Rows(BaseModel):
    rows: list[Row]

@app.post("/score")
async def score(body: Rows, key: HTTPAuthorizationCredentials = Depends(bearer)):
    if key.credentials != "key-of-the-benchmark":
        raise HTTPException(401)
    frame = pd.DataFrame([row.model_dump() for row in body.rows])
    shares = model.predict_proba(frame)
    labels = model.classes_[shares.argmax(axis=1)]
    return [
        {**row.model_dump(), "Scored Labels": label, "Scored Probabilities": float(share)}
        for row, label, share in zip(body.rows, labels, shares[:, 1])
    ]

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
'''

PLAIN_BATCH = """\
import sys
import joblib
import pandas as pd
model = joblib.load(sys.argv[1])
frame = pd.read_csv(sys.argv[2])
shares = model.predict_proba(frame[["age", "price", "town", "member"]])
frame["Scored Labels"] = model.classes_[shares.argmax(axis=1)]
frame["Scored Probabilities"] = shares[:, 1]
frame.to_csv(sys.argv[3], index=False)
"""

OUR_BATCH = """\
import sys
from pathlib import Path
from designer.deployment.batch.batch import score_file
score_file(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
"""


def write_peers(folder: Path) -> Path:
    """Write the programs, fit the same model as a scikit-learn Pipeline, and return its file."""
    frame = people()
    columns = ColumnTransformer(
        [
            ("town", OneHotEncoder(handle_unknown="ignore"), ["town"]),
            ("numbers", StandardScaler(), ["age", "price"]),
            ("member", "passthrough", ["member"]),
        ]
    )
    model = make_pipeline(columns, LogisticRegression())
    model.fit(frame.drop(columns=LABEL), frame[LABEL])
    joblib.dump(model, folder / "model.joblib")
    (folder / "by_hand.py").write_text(BY_HAND)
    (folder / "plain.py").write_text(PLAIN_BATCH)
    (folder / "ours.py").write_text(OUR_BATCH)
    return folder / "model.joblib"
