#!/usr/bin/env python3
"""Random expressions that mostly type-check, for the evaluator's fuzzer: one file each.

    generate_cel.py SEED COUNT FOLDER

A fuzzer of bytes seldom gets past the checker; these speak of the inputs of cel_environment.h and reach
money, records, opening hours and blocks of time at their edges. One in seven is damaged by an edit.
"""

import pathlib
import random
import sys

MODES = ["half_up", "half_even", "half_down", "up", "down", "ceiling", "floor"]
ZONES = ["", "", ', "Africa/Cairo"', ', "+05:30"', ', "Pacific/Apia"', ', "America/Sao_Paulo"']
LEAVES = {
    "int": ["0", "1", "7", "-3", "9223372036854775807", "i.count", "i.tags.size()", "i.cuts.size()",
            "i.cuts[0].minutes", "i.day.year()"],
    "duration": ["i.span", "hours(3)", "minutes(-7)", "days(4000)", 'duration("1ns")',
                 'duration("0s")', "seconds(1)"],
    "instant": ["i.at", 'timestamp("2024-03-31T00:59:59.5Z")', "timestamp(0)",
                'timestamp("2030-12-31T23:59:59Z")', 'timestamp("2020-01-01T00:00:00Z")'],
    "date": ["i.day", 'date("2024-02-29")', 'date("2030-12-31")'],
    "money": ["i.total", "eur(0.01)", "eur(10.00)", "usd(3.00)", "eur(90071992547409.91)"],
    "decimal": ["i.rate", "percent(12.5)", "decimal(0.1)", "decimal(9223372036854775807)"],
    "double": ["0.1", "-2.5", "1e300", "5e-324", "9223372036854775807.0", "1.0 / 0.0",
               "123456789.987654321"],
    "text": ['"storm"', "i.text", "i.cause", '"x"', '""'],
    "bool": ["true", "false", "i.flag", 'i.cause == "carrier"', "has(i.count)"],
}
# <kind> stands for an expression of that kind, {mode}, {zone}, {places} and {order} for a choice.
FORMS = {
    "int": ["(<int> + <int>)", "(<int> - <int>)", "(<int> * <int>)", "(<int> / <int>)",
            "(<int> % <int>)", "<duration>.completed(<duration>)", "<duration>.begun(<duration>)",
            "i.cuts.map(c, c.minutes)[<int>]", "(<bool> ? <int> : <int>)",
            "cel.bind(v, <int>, v + v)", "<money>.allocate(<int>).size()",
            "daysBetween(<date>, <date>)", 'businessDaysBetween(<date>, <date>, "DE-BY")',
            "i.cuts.filter(c, c.minutes > <int>).size()", "i.cuts[?<int>].minutes.orValue(<int>)",
            "max(<int>, <int>)", "int(<text>)"],
    "duration": ["(<duration> + <duration>)", "(<duration> - <duration>)", "(-<duration>)",
                 'businessDuration(<instant>, <instant>, "DE-BY"{zone})', "hours(<int>)",
                 "(<instant> - <instant>)"],
    "instant": ["(<instant> + <duration>)", "(<instant> - <duration>)",
                '<instant>.nextOpening("DE-BY"{zone})', "<date>.timestamp()"],
    "date": ["<date>.addDays(<int>)", "<date>.addMonths(<int>)", '<date>.nextBusinessDay("DE-BY")',
             "<instant>.date()"],
    "money": ["(<money> + <money>)", "(<money> - <money>)", "(<money> * <decimal>)",
              "<money>.allocate(<int>)[<int>]", '<money>.round("{mode}")', "min(<money>, <money>)",
              "sum(<money>.allocate(<int>))", '<money>.div(<int>, {places}, "{mode}")'],
    "decimal": ['decimal.fromDouble(<double>, {places}, "{mode}")', "(<decimal> + <decimal>)",
                "(<decimal> * <decimal>)", '<decimal>.round("{mode}")',
                '<decimal>.div(<decimal>, {places}, "{mode}")'],
    "double": ["double(<int>)", "double(<decimal>)"],
    "text": ["(<text> + <text>)", "i.cuts.map(c, c.?cause.orValue(<text>))[<int>]", "string(<int>)",
             "i.tags.join(<text>)", "i.cuts.map(c, has(c.cause), c.cause).join()",
             '"%s %s".format([<money>, i.cuts])', "i.tags.first().orValue(<text>)"],
    "bool": ["(<bool> && <bool>)", "(<bool> || <bool>)", "(!<bool>)", "(<int> {order} <int>)",
             '<instant>.isOpen("DE-BY"{zone})', "(<money> {order} <money>)",
             "(<duration> {order} <duration>)", "(<decimal> {order} <decimal>)",
             'i.cuts.exists(c, c.minutes > <int> && has(c.cause) && c.cause == "storm")',
             "(<text> == <text>)", "(<text> in i.tags)", "(i.cuts[<int>] in i.cuts)",
             "i.cuts.exists(i, c, c.minutes == i)", "(has(i.count) && <bool>)",
             "[optional.of(<int>)].unwrapOpt().exists(v, v > 0)", '<date>.isBusinessDay("DE-BY")'],
}


def expression(r, kind, depth):
    if depth == 0:
        return r.choice(LEAVES[kind])
    form = r.choice(FORMS[kind])
    for name, choices in (("mode", MODES), ("zone", ZONES), ("places", range(20)),
                          ("order", ["<", "<=", "==", "!=", ">", ">="])):
        form = form.replace("{" + name + "}", str(r.choice(choices)))
    text = ""
    while (begin := form.find("<")) >= 0:
        end = form.find(">", begin)
        part = form[begin + 1:end]
        if part in FORMS:
            text += form[:begin] + expression(r, part, depth - 1)
            form = form[end + 1:]
        else:  # an operator
            text += form[:begin + 1]
            form = form[begin + 1:]
    return text + form


def damaged(r, text):
    at = r.randrange(len(text))
    return text[:at] + r.choice("()[]{}.?,\"'0ai:+-*/ \n") + text[at + r.randrange(3):]


def main():
    r = random.Random(int(sys.argv[1]))
    folder = pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(int(sys.argv[2])):
        text = expression(r, r.choice(list(FORMS) + ["bool"] * 3), r.randint(1, 4))
        if r.random() < 1 / 7:
            text = damaged(r, text)
        (folder / f"{number:05}").write_text(text)


if __name__ == "__main__":
    main()
