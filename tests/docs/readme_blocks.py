"""The fenced blocks of rules/README.md, and what the word after their language asks a test to do:

  ```LANG file=PATH     a file of the tutorial's working folder, written when the reader gets there
  ```console            commands of the tutorial and what they print; `...` stands for any text, a line of it for any lines
  ```yaml policy        keys of a policy: checked on top of base/policies/base.yaml
  ```yaml ROLE          a complete incidents, customers, calendars, tables, people, settings or shared file: checked
                        beside base/
  ```yaml recipe        a recipe of the cookbook: see recipe.py
  ```cel                one expression a line, `// = value` behind it
  ```yaml, # map.yaml   a map of recorded incidents; the next ```csv has rows that it reads
  ```text               is only looked at
"""

import dataclasses
import re


@dataclasses.dataclass
class Block:
    line: int  # of the opening fence, from 1
    language: str
    words: list
    text: str

    def value(self, key):
        """PATH of file=PATH."""
        return next((word[len(key) + 1 :] for word in self.words if word.startswith(f"{key}=")), None)


def blocks_of(markdown):
    """All fenced blocks, in order. Raises ValueError for a fence that is never closed."""
    blocks, opened = [], None
    lines = []
    for number, line in enumerate(markdown.splitlines(), start=1):
        fence = re.match(r"^```(.*)$", line)
        if opened is None and fence:
            words = fence.group(1).split()
            opened, lines = Block(number, words[0] if words else "", words[1:], ""), []
        elif opened is not None and line == "```":
            opened.text = "".join(f"{kept}\n" for kept in lines)
            blocks.append(opened)
            opened = None
        elif opened is not None:
            lines.append(line)
    if opened is not None:
        raise ValueError(f"line {opened.line}: the block is never closed")
    return blocks


def maps_of(blocks):
    """[(map, rows)]: each map of recorded incidents with the rows that it reads."""
    pairs = []
    for i, block in enumerate(blocks):
        if block.language == "yaml" and block.text.startswith("# map.yaml\n"):
            rows = next(later for later in blocks[i:] if later.language == "csv")
            pairs.append((block, rows))
    return pairs


def sections_of(text):
    """`# name` lines divide a recipe: name -> the lines below it."""
    sections, current = {}, None
    for line in text.splitlines():
        heading = re.match(r"^# (incidents\.yaml|customers\.yaml|calendars\.yaml|tables\.yaml|policy|test|gives)$", line)
        if heading:
            current = sections.setdefault(heading.group(1), [])
        elif current is None:
            raise ValueError(f"'{line}' stands under no heading")
        else:
            current.append(line)
    return {name: "\n".join(lines) + "\n" for name, lines in sections.items()}
