"""A recipe of the cookbook as a rule set with tests.

  # incidents.yaml     the attributes of the incident type `recipe`
  # customers.yaml     the attributes of customers
  # calendars.yaml     the calendars
  # tables.yaml        the tables
  # policy             keys of the policy `recipe`, beside those that every policy needs
  # gives              lines `#   {attribute: value, ...} -> AMOUNT, a reason of denial, or review`
  # test               or cases of a *_test.yaml file
"""

import re
import textwrap

from readme_blocks import sections_of

POLICY = """\
kulanz: v1
policy: recipe
summary: A recipe of the cookbook
department: docs
incidents: [recipe]
zone: Europe/Berlin
currency: EUR
voucher: {valid_for: 180d}
delivery: {message: recipe, signed_by: anna}
"""
INCIDENTS = "kulanz: v1\nincidents:\n  recipe:\n    summary: A recipe of the cookbook\n"
WRAPPED = {"customers.yaml": "attributes", "calendars.yaml": "calendars", "tables.yaml": "tables"}
DEFAULTS = "defaults: {incident: {type: recipe, occurred_at: 2026-03-10T12:00:00+01:00}}\n"


def case_of(line, number):
    """`#   {a: 1}, customer {b: 2} -> 5.00 EUR` as a case."""
    match = re.match(r"^#   (\{.*?\})(?:, customer (\{.*\}))? -> (.+)$", line)
    if not match:
        raise ValueError(f"'{line}' is not '#   {{facts}} -> result'")
    facts, customer, result = match.groups()
    if re.match(r"^[0-9.]+ [A-Z]{3}$", result):
        expect = f"{{outcome: granted, amount: {result}}}"
    elif result == "review":
        expect = "{outcome: review}"
    else:
        expect = f"{{outcome: denied, reason: {result}}}"
    customer = f"    customer: {{attributes: {customer}}}\n" if customer else ""
    return f"  - name: line {number}\n    incident: {{attributes: {facts}}}\n{customer}    expect: {expect}\n"


def files_of(text):
    """Relative path -> text of the rule set that the recipe is."""
    sections = sections_of(text)
    files = {"people.yaml": "kulanz: v1\npeople:\n  anna: {name: Anna Berger, role: Docs, email: anna@example.com}\n"}
    attributes = textwrap.indent(sections.get("incidents.yaml", ""), " " * 6)
    files["incidents.yaml"] = INCIDENTS + (f"    attributes:\n{attributes}" if attributes else "")
    for name, key in WRAPPED.items():
        if name in sections:
            files[name] = f"kulanz: v1\n{key}:\n" + textwrap.indent(sections[name], "  ")
    files["policies/recipe.yaml"] = POLICY + sections["policy"]
    cases = "".join(case_of(line, n) for n, line in enumerate(sections.get("gives", "").splitlines(), 1) if line)
    cases += textwrap.indent(sections.get("test", ""), "  ")
    if not cases:
        raise ValueError("the recipe gives nothing that can be tested")
    files["recipe_test.yaml"] = f"kulanz: v1\ntests: recipe\n{DEFAULTS}cases:\n{cases}"
    return files


def _top_level(text):
    """key -> its lines, of a mapping in block style; comments go with the key below them."""
    entries, pending, key = {}, [], None
    for line in text.splitlines():
        match = re.match(r"^([a-z_]+):", line)
        if match:
            key = match.group(1)
            entries[key] = [*pending, line]
            pending = []
        elif line.startswith("#") or key is None:
            pending.append(line)
        else:
            entries[key] += [*pending, line]
            pending = []
    return {key: "\n".join(lines) + "\n" for key, lines in entries.items()}


def merged_policy(base, text):
    """The base's policy with the keys of `text` instead of its own."""
    entries = _top_level((base / "policies" / "base.yaml").read_text(encoding="utf-8")) | _top_level(text)
    return "".join(entries.values())


def shared_name(text):
    return re.search(r"^shared: (\S+)", text, re.MULTILINE).group(1)


def expression_of(line):
    """`expression  // = value` as (expression, value); nothing instead of a value that is not given."""
    expression, _, value = line.partition(" // = ")
    return expression.partition(" // ")[0].strip(), value.strip() or None


def expression_files(base, lines):
    """A policy whose variables are the expressions of (line, expression, value), and a test of their values."""
    variables = "".join(f"  line_{line}: |-\n    {expression}\n" for line, expression, _ in lines)
    values = "".join(f"        line_{line}: '{value.replace(chr(39), chr(39) * 2)}'\n" for line, _, value in lines if value)
    # Variables are computed when they are read.
    read = " && ".join(f"vars.line_{line} == vars.line_{line}" for line, _, _ in lines)
    policy = merged_policy(base, f"variables:\n{variables}eligible: {read}\ngesture:\n  - amount: eur(1.00)\n")
    tests = (base / "base_test.yaml").read_text(encoding="utf-8")
    return {"policies/base.yaml": policy, "base_test.yaml": f"{tests}      vars:\n{values}"}
