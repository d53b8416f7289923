"""Many alike as one finding: what a rule found about one subject, the first few in full and the others counted."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from runs.analysis.messages import message

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

MORE = message(
    "gathering.more",
    en="{n:count} more {n:plural:conversation|conversations} alike.",
    ja="同様の会話がほかに {n:count} 件ある。",
)


class Gathered(Generic[K, T]):
    """Items by what they are about, in the order they came; of each at most `most` are kept."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: dict[K, list[T]] = {}
        self.counts: dict[K, int] = {}

    def is_full(self, key: K) -> bool:
        """Whether a further item of this subject would only be counted."""
        return self.counts.get(key, 0) >= self.most

    def count(self, key: K) -> None:
        """One more that is not looked at."""
        self.counts[key] = self.counts.get(key, 0) + 1

    def add(self, key: K, item: T) -> None:
        """Keep an item, or count it."""
        if not self.is_full(key):
            self.kept.setdefault(key, []).append(item)
        self.count(key)

    def __iter__(self) -> Iterator[tuple[K, list[T], int]]:
        """(subject, items kept, items counted but not kept)."""
        for key, items in self.kept.items():
            yield key, items, self.counts[key] - len(items)

    def __len__(self) -> int:
        return len(self.kept)
