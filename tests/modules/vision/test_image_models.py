"""Networks for images: training, scoring, storing, and serving them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from designer.catalog import load_catalog
from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from modules.contract import DataTable, ModuleError
from modules.contract.context import ModuleWarning
from modules.requests.tables import schema_of
from modules.values import ImageFolder, TrainedModel, UntrainedModel
from modules.values.storage import load, save

torch = pytest.importorskip("torch", reason="PyTorch isn't installed")

from modules.computer_vision.densenet import densenet  # noqa: E402
from modules.computer_vision.resnet import resnet  # noqa: E402
from modules.computer_vision.score_image_model import score_image_model  # noqa: E402
from modules.computer_vision.train_pytorch_model import train_pytorch_model  # noqa: E402
from modules.scoring import Scorer  # noqa: E402
from modules.scoring_evaluation.evaluate_model import evaluate_model  # noqa: E402


def digits(
    folder: Path, count: int, skip: int = 0, classes: tuple[int, ...] = (0, 1)
) -> ImageFolder:
    """Write some of scikit-learn's digits, four times as large, as a folder of images."""
    found = load_digits()
    for label in classes:
        (folder / str(label)).mkdir(parents=True)
        images = found.images[found.target == label][skip : skip + count]
        for number, pixels in enumerate(images):
            large = np.kron(pixels * 15.9, np.ones((4, 4))).astype("uint8")
            Image.fromarray(large).save(folder / str(label) / f"{number:03d}.png")
    return ImageFolder(folder)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[ImageFolder, ImageFolder]:
    root = tmp_path_factory.mktemp("digits")
    return digits(root / "training", 12), digits(root / "validation", 6, skip=20)


@pytest.fixture(scope="module")
def model(folders: tuple[ImageFolder, ImageFolder]) -> TrainedModel:
    learner = resnet(model_name="resnet18", pretrained=False)
    return train_pytorch_model(learner, *folders, epochs=3, batch_size=8, random_seed=4)


def by_hand(
    folders: tuple[ImageFolder, ImageFolder], architecture: str = "resnet18"
) -> tuple[list[float], np.ndarray]:
    """Train with PyTorch alone: the losses of the epochs, and the probabilities of validation."""
    from torchvision import models

    def tensors(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
        paths = sorted(folder.rglob("*.png"))
        pixels = [np.asarray(Image.open(path).convert("RGB"), "float32") / 255 for path in paths]
        mean, deviation = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
        scaled = (np.stack(pixels) - mean) / deviation
        labels = torch.tensor([int(path.parent.name) for path in paths])
        return torch.from_numpy(scaled.transpose(0, 3, 1, 2).copy()), labels

    (x, y), (x2, y2) = (tensors(each.folder) for each in folders)
    torch.manual_seed(4)
    network = getattr(models, architecture)(num_classes=2)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    losses, best, step = [], (np.inf, np.zeros(0)), 0
    for _ in range(3):
        network.train()
        for part in torch.randperm(24).split(8):
            optimizer.param_groups[0]["lr"] = 0.001 * (1 - step / 9) ** 0.9
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(x[part]), y[part]).backward()
            optimizer.step()
            step += 1
        network.eval()
        with torch.no_grad():
            scores = network(x2)
        losses.append(float(torch.nn.functional.cross_entropy(scores, y2)))
        if losses[-1] < best[0]:
            best = losses[-1], scores.softmax(1).numpy()
    return losses, best[1]


@pytest.mark.proves("resnet", "densenet", "train_pytorch_model", "score_image_model", by="PyTorch")
@pytest.mark.parametrize(
    ("module", "architecture"),
    [(resnet, "resnet18"), pytest.param(densenet, "densenet121", marks=pytest.mark.long)],
)
def test_training_equals_a_script_of_pytorch(
    module: Callable[..., UntrainedModel],
    architecture: str,
    folders: tuple[ImageFolder, ImageFolder],
) -> None:
    learner = module(model_name=architecture, pretrained=False)
    model = train_pytorch_model(learner, *folders, epochs=3, batch_size=8, random_seed=4)
    losses, probabilities = by_hand(folders, architecture)
    rows = model.sheets()["Epochs"].rows
    np.testing.assert_allclose([float(row[2]) for row in rows], losses, rtol=1e-3)
    scored = score_image_model(model, folders[1])
    found = scored.frame[["Scored Probabilities_0", "Scored Probabilities_1"]].to_numpy()
    np.testing.assert_allclose(found, probabilities, atol=1e-3)


def test_scores_can_be_evaluated(
    folders: tuple[ImageFolder, ImageFolder], model: TrainedModel
) -> None:
    scored = score_image_model(model, folders[1])
    assert scored.names[:3] == ["Image", "Label", "Scored Labels"]
    assert scored.frame["Image"].tolist()[0] == "0/000.png"
    metrics = evaluate_model(scored).reports[0].metrics
    right = (scored.frame["Label"] == scored.frame["Scored Labels"]).mean()
    assert metrics["Overall accuracy"] == pytest.approx(right)
    total = scored.frame[["Scored Probabilities_0", "Scored Probabilities_1"]].sum(axis=1)
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_a_model_is_stored_without_code(
    folders: tuple[ImageFolder, ImageFolder], model: TrainedModel, tmp_path: Path
) -> None:
    save(model, tmp_path / "model")
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert names == {"model.json", "value.json", "weights.safetensors"}
    again = load(tmp_path / "model")
    assert isinstance(again, TrainedModel)
    expected = score_image_model(model, folders[1]).frame
    pd.testing.assert_frame_equal(score_image_model(again, folders[1]).frame, expected)


def test_pretrained_weights_come_from_a_file(
    folders: tuple[ImageFolder, ImageFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import save_file
    from torchvision.models import densenet121, resnet18

    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    options = {"epochs": 1, "batch_size": 8}
    learner = resnet(model_name="resnet18")
    with pytest.warns(ModuleWarning, match="starts with random weights"):
        scratch = train_pytorch_model(learner, *folders, **options)  # type: ignore[arg-type]
    torch.manual_seed(0)
    known = resnet18().state_dict()
    save_file(known, tmp_path / "w.safetensors")
    torch.save(known, tmp_path / "w.pth")
    checkpoints = tmp_path / "cache" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    torch.save(known, checkpoints / "resnet18-f37072fd.pth")
    found = [
        train_pytorch_model(
            resnet(model_name="resnet18", weights=name),
            *folders,
            **options,  # type: ignore[arg-type]
        ).sheets()["Epochs"]
        for name in (str(tmp_path / "w.safetensors"), str(tmp_path / "w.pth"), "")
    ]
    assert found[0] == found[1] == found[2]
    assert found[0] != scratch.sheets()["Epochs"]
    with pytest.raises(ModuleError, match="of another network"):
        train_pytorch_model(
            resnet(model_name="resnet34", weights=str(tmp_path / "w.pth")), *folders
        )
    (tmp_path / "bad.pth").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ModuleError, match="can't be read"):
        train_pytorch_model(
            resnet(model_name="resnet18", weights=str(tmp_path / "bad.pth")), *folders
        )
    # The published files have other names of layers.
    old = {
        name.replace("norm1.", "norm.1.").replace("conv1.", "conv.1.")
        if "denselayer" in name
        else name: tensor
        for name, tensor in densenet121().state_dict().items()
    }
    torch.save(old, tmp_path / "dense.pth")
    train_pytorch_model(
        densenet(model_name="densenet121", weights=str(tmp_path / "dense.pth")),
        *folders,
        **options,  # type: ignore[arg-type]
    )


def test_training_stops_early(folders: tuple[ImageFolder, ImageFolder], tmp_path: Path) -> None:
    """With a vanishing rate and labels exchanged, the validation loss can only increase."""
    training, _ = folders
    exchanged = tmp_path / "exchanged"
    for label, other in (("0", "1"), ("1", "0")):
        (exchanged / other).mkdir(parents=True)
        for path in (training.folder / label).iterdir():
            (exchanged / other / path.name).write_bytes(path.read_bytes())
    model = train_pytorch_model(
        resnet(model_name="resnet18", pretrained=False),
        training,
        ImageFolder(exchanged),
        epochs=12,
        batch_size=12,
        patience=1,
    )
    rows = model.sheets()["Epochs"].rows
    losses = [float(row[2]) for row in rows]
    assert len(rows) < 12
    assert losses[-1] >= min(losses)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("one class", "one-class"),
        ("no label", "not-labeled"),
        ("empty", "no-images"),
        ("other classes", "no-known-class"),
        ("broken", "broken-image"),
    ],
)
def test_folders_that_can_not_be_learned_are_refused(
    folders: tuple[ImageFolder, ImageFolder], tmp_path: Path, case: str, code: str
) -> None:
    training, validation = digits(tmp_path / "t", 2), folders[1]
    if case == "one class":
        training = digits(tmp_path / "u", 2, classes=(3,))
    elif case == "no label":
        Image.new("RGB", (32, 32)).save(training.folder / "loose.png")
    elif case == "empty":
        (tmp_path / "none").mkdir()
        training = ImageFolder(tmp_path / "none")
    elif case == "other classes":
        validation = digits(tmp_path / "v", 2, classes=(7, 8))
    else:
        content = (training.folder / "0" / "000.png").read_bytes()
        (training.folder / "0" / "000.png").write_bytes(content[:-30])
    with pytest.raises(ModuleError) as caught:
        train_pytorch_model(resnet(model_name="resnet18", pretrained=False), training, validation)
    assert caught.value.code == code
    assert caught.value.hint


def test_sizes_that_differ_are_scaled(tmp_path: Path) -> None:
    training = digits(tmp_path / "t", 2)
    Image.new("L", (50, 70)).save(training.folder / "0" / "wide.png")
    learner = resnet(model_name="resnet18", pretrained=False)
    with pytest.warns(ModuleWarning, match="2 different sizes"):
        model = train_pytorch_model(learner, training, training, epochs=1, batch_size=3)
    assert dict(model.sheets()["Network"].rows)["Image size"] == "224 × 224 pixels"


def test_an_endpoint_scores_images_as_base64(
    folders: tuple[ImageFolder, ImageFolder], model: TrainedModel, tmp_path: Path
) -> None:
    save(model, tmp_path / "model")
    paths = sorted(folders[1].folder.rglob("*.png"))[::3]
    rows = [{"image": base64.b64encode(path.read_bytes()).decode()} for path in paths]
    columns = schema_of(DataTable(pd.DataFrame(rows))).to_json()
    pipeline = Pipeline()
    for module, parameters in (
        ("web_service_input", {"columns": columns}),
        ("convert_to_image_directory", {}),
        ("saved_model", {"path": "model"}),
        ("score_image_model", {}),
        ("web_service_output", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    for source, target in (
        ("web_service_input.dataset", "convert_to_image_directory.input_dataset"),
        ("convert_to_image_directory.output_image_directory", "score_image_model.dataset"),
        ("saved_model.trained_model", "score_image_model.trained_model"),
        ("score_image_model.scored_dataset", "web_service_output.dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    write_scoring_folder(pipeline, load_catalog(), tmp_path / "scoring", base=tmp_path)
    answer = Scorer(tmp_path / "scoring").score({"input1": rows})["output1"]
    expected = score_image_model(model, folders[1]).frame.iloc[::3]
    assert [row["Scored Labels"] for row in answer] == expected["Scored Labels"].tolist()
    np.testing.assert_allclose(
        [row["Scored Probabilities_1"] for row in answer], expected["Scored Probabilities_1"]
    )


def test_a_stored_model_can_not_choose_a_network_that_downloads_weights(
    model: TrainedModel, folders: tuple[ImageFolder, ImageFolder], tmp_path: Path
) -> None:
    save(model, tmp_path / "m")
    file = tmp_path / "m" / "model.json"
    plain = json.loads(file.read_text("utf-8"))
    plain["architecture"] = "fasterrcnn_resnet50_fpn"
    plain["options"] = {"weights_backbone": "IMAGENET1K_V1"}
    file.write_text(json.dumps(plain), "utf-8")
    with pytest.raises(ModuleError, match="no network “fasterrcnn_resnet50_fpn”"):
        score_image_model(load(tmp_path / "m"), folders[1])  # type: ignore[arg-type]
