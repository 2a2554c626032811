"""Vectors of words: learned by gensim, or looked up in a file. Works on plain lists."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, report_progress, warn
from modules.text_analytics._texts import words

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

VOCABULARY = "Vocabulary"
GLOVE = "GloVe pretrained English Model"
FASTTEXT = "Gensim FastText"


def word_vectors(
    texts: Sequence[str | None],
    strategy: str,
    *,
    algorithm: str,
    length: int,
    window: int,
    epochs: int,
    vectors: str,
    maximum_vocabulary_size: int,
    minimum_word_count: int,
    seed: int,
) -> pd.DataFrame:
    """Return the vocabulary of texts, the most frequent words first, with a vector for each."""
    import pandas as pd

    sentences = [words(text) for text in texts if text]
    known = vocabulary(sentences, maximum_vocabulary_size, minimum_word_count)
    if strategy == GLOVE:
        known, found = looked_up(known, vectors)
    else:
        found = learned(
            sentences,
            known,
            fast_text=strategy == FASTTEXT,
            skip_gram=algorithm == "Skip_gram",
            length=length,
            window=window,
            epochs=epochs,
            seed=seed,
        )
    names = [f"Embedding dim {index}" for index in range(found.shape[1])]
    frame = pd.DataFrame(found.astype("float64"), columns=names)
    frame.insert(0, VOCABULARY, pd.Series(known, dtype="str"))
    return frame


def vocabulary(sentences: Sequence[Sequence[str]], most: int, rarest: int) -> list[str]:
    """Return the words that occur often enough, the most frequent first, equal ones by name."""
    counts = Counter(word for sentence in sentences for word in sentence)
    kept = [word for word, count in counts.items() if count >= rarest]
    kept.sort(key=lambda word: (-counts[word], word))
    if not kept:
        raise ModuleError(
            "no-words",
            f"No word occurs at least {rarest} times.",
            "Lower the minimum word count, or use more text.",
            parameter="minimum_word_count",
        )
    return kept[:most]


def learned(
    sentences: Sequence[Sequence[str]],
    known: Sequence[str],
    *,
    fast_text: bool,
    skip_gram: bool,
    length: int,
    window: int,
    epochs: int,
    seed: int,
) -> np.ndarray:
    """Return the vectors that gensim learns from sentences, one row for each known word."""
    from gensim.models import FastText, Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    class Progress(CallbackAny2Vec):
        """Reports each epoch."""

        done = 0

        def on_epoch_end(self, model: Any) -> None:
            self.done += 1
            report_progress(self.done / epochs, f"Epoch {self.done} of {epochs}")

    chosen = set(known)
    model = (FastText if fast_text else Word2Vec)(
        [[word for word in sentence if word in chosen] for sentence in sentences],
        sg=int(skip_gram),
        vector_size=length,
        window=window,
        epochs=epochs,
        min_count=1,
        seed=seed,
        # With more, the order of the updates, and so the result, varies.
        workers=1,
        callbacks=[Progress()],
    )
    found: np.ndarray = model.wv[list(known)]
    return found


def looked_up(known: Sequence[str], path: str) -> tuple[list[str], np.ndarray]:
    """Return the words that a file of vectors contains, with their vectors.

    Each line has a word and its numbers, separated by spaces, as GloVe's files do; a first line
    with two numbers, as in word2vec's, is skipped.
    """
    import numpy as np

    wanted = set(known)
    found: dict[str, np.ndarray] = {}
    try:
        opener = gzip.open if path.lower().endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as file:
            for line in file:
                word, _, rest = line.rstrip().partition(" ")
                if word in wanted and rest.count(" ") > 1:
                    found.setdefault(word, np.array(rest.split(), dtype="float32"))
    except (OSError, ValueError, EOFError) as error:
        raise ModuleError(
            "vectors-unreadable",
            f"The file “{path}” can't be read as vectors of words: {error}.",
            "Choose a text file of GloVe, such as glove.6B.100d.txt.",
            parameter="vectors",
        ) from error
    if len({len(vector) for vector in found.values()}) > 1:
        raise ModuleError(
            "vectors-unreadable",
            f"The vectors in “{path}” have different lengths.",
            "Choose a text file of GloVe, such as glove.6B.100d.txt.",
            parameter="vectors",
        )
    kept = [word for word in known if word in found]
    if not kept:
        raise ModuleError(
            "no-words",
            f"The file “{path}” contains none of the words of the texts.",
            "Choose a file of vectors in the language of the texts.",
            parameter="vectors",
        )
    if len(kept) < len(known):
        warn(f"{len(known) - len(kept):,} of {len(known):,} words have no vector in the file.")
    return kept, np.stack([found[word] for word in kept])
