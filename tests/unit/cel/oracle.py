#!/usr/bin/env python3
"""An independent oracle for exact numbers and dates: prints cases for oracle_test.cc.

    oracle.py decimals|doubles|money|dates|zones|calendars|hours SEED COUNT

Each line is an expression, a tab, and what it must yield: a number without trailing zeros, any other
value as the language shows it, or `error`. Made with Python's own decimal, datetime and zoneinfo, which
share no code with ours.
"""

import datetime as dt
import decimal as dec
import random
import sys
import zoneinfo

D = dec.Decimal
CONTEXT = dec.Context(prec=150)
dec.setcontext(CONTEXT)

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)
MODES = {
    "half_up": dec.ROUND_HALF_UP,
    "half_even": dec.ROUND_HALF_EVEN,
    "half_down": dec.ROUND_HALF_DOWN,
    "up": dec.ROUND_UP,
    "down": dec.ROUND_DOWN,
    "ceiling": dec.ROUND_CEILING,
    "floor": dec.ROUND_FLOOR,
}
CURRENCIES = {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4, "USD": 2}
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns",
         "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Tehran",
         "Pacific/Chatham", "Antarctica/Troll", "Africa/Cairo", "Europe/Dublin"]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def fits(value):
    """The shortest exact form, or None when it needs more than an int64 and 18 decimals."""
    if not value.is_finite():
        return None
    text = format(value.normalize(), "f")
    if text in ("-0", "0"):
        return "0"
    digits = text.replace("-", "").replace(".", "")
    scale = len(text.split(".")[1]) if "." in text else 0
    coefficient = int(digits) * (-1 if text.startswith("-") else 1)
    return text if scale <= 18 and INT64_MIN <= coefficient <= INT64_MAX else None


def fits_at(value, places):
    """As fits(), of a value that has exactly `places` decimals."""
    coefficient = int(value.scaleb(places))
    return fits(value) if INT64_MIN <= coefficient <= INT64_MAX else None


def random_decimal(r):
    scale = r.choice([0, 0, 1, 2, 2, 3, 4, 9, 17, 18])
    coefficient = r.choice([
        lambda: r.randint(-200, 200),
        lambda: r.randint(-10**6, 10**6),
        lambda: r.randint(INT64_MIN, INT64_MAX),
        lambda: r.choice([INT64_MAX, INT64_MIN, INT64_MAX - 1, 10**18, -10**18, 5, -5, 15, 25, -25]),
    ])()
    value = D(coefficient).scaleb(-scale)
    return value, f'decimal("{value:f}")'


def show(result):
    return result if result is not None else "error"


def decimals(r):
    a, text_a = random_decimal(r)
    b, text_b = random_decimal(r)
    kind = r.choice(["+", "-", "*", "div", "div", "round", "roundTo", "<", "=="])
    mode = r.choice(list(MODES))
    if kind in "+-*":
        result = a + b if kind == "+" else a - b if kind == "-" else a * b
        return f"{text_a} {kind} {text_b}", show(fits(result))
    if kind == "div":
        places = r.choice([0, 1, 2, 2, 4, 10, 18])
        if b == 0:
            return f"{text_a}.div({text_b}, {places}, '{mode}')", "error"
        result = (a / b).quantize(D(1).scaleb(-places), rounding=MODES[mode])
        return f"{text_a}.div({text_b}, {places}, '{mode}')", show(fits_at(result, places))
    if kind == "round":
        result = a.quantize(D(1), rounding=MODES[mode])
        return f"{text_a}.round('{mode}')", show(fits_at(result, 0))
    if kind == "roundTo":
        step = abs(b) if b != 0 else D(1)
        if fits(step) is None:
            step = D(1)
        result = (a / step).quantize(D(1), rounding=MODES[mode]) * step
        return f'{text_a}.roundTo(decimal("{step:f}"), \'{mode}\')', show(fits(result))
    if kind == "<":
        return f"{text_a} < {text_b}", "true" if a < b else "false"
    return f"{text_a} == {text_b}", "true" if a == b else "false"


def money(r):
    currency = r.choice(list(CURRENCIES))
    exponent = CURRENCIES[currency]
    # Ties and their neighbours, on both sides of zero.
    coefficient = r.choice([r.randint(-10**9, 10**9), r.randint(-999, 999) * 10 + 5])
    scale = exponent + r.choice([0, 1, 1, 2])
    amount = D(coefficient).scaleb(-scale)
    mode = r.choice(list(MODES))
    text = f'money(decimal("{amount:f}"), "{currency}")'
    kind = r.choice(["round", "round", "percent", "div", "min", "sum", "allocate"])
    suffix = " " + currency
    if kind == "round":
        result = amount.quantize(D(1).scaleb(-exponent), rounding=MODES[mode])
        return f"{text}.round('{mode}')", fits(result) + suffix
    if kind == "allocate":
        count = r.choice([1, 2, 3, 7, 12, 100])
        places = max(exponent, scale)
        units = abs(int(amount.scaleb(places)))
        index = r.randrange(count)
        part = D(units // count + (1 if index < units % count else 0)).scaleb(-places)
        return f"{text}.allocate({count})[{index}]", fits(-part if amount < 0 else part) + suffix
    if kind == "percent":
        rate = D(r.randint(0, 1000)).scaleb(-1)
        result = (amount * rate / 100).quantize(D(1).scaleb(-exponent), rounding=MODES[mode])
        return f"({text} * percent({rate:f})).round('{mode}')", fits(result) + suffix
    if kind == "div":
        by = r.choice([1, 2, 3, 7, 8, 12, -3])
        result = (amount / by).quantize(D(1).scaleb(-exponent), rounding=MODES[mode])
        return f"{text}.div({by}, {exponent}, '{mode}')", fits(result) + suffix
    other = D(r.randint(-10**6, 10**6)).scaleb(-exponent)
    text_other = f'money(decimal("{other:f}"), "{currency}")'
    if kind == "min":
        return f"min({text}, {text_other})", fits(min(amount, other)) + suffix
    return f"{text} + {text_other} - {text}", fits(other) + suffix


def random_date(r):
    return r.choice([
        lambda: dt.date.fromordinal(r.randint(1, dt.date.max.toordinal())),
        lambda: dt.date(r.randint(1999, 2030), r.choice([1, 2, 3, 12]), r.choice([1, 28])),
        lambda: dt.date(r.choice([1900, 2000, 2023, 2024, 2100]), 2, 28) + dt.timedelta(r.randint(0, 2)),
        lambda: dt.date(r.randint(1, 9999), 12, 31),
    ])()


def add_months(day, months):
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    if not 1 <= year <= 9999:
        return None
    for last in (31, 30, 29, 28):
        try:
            return dt.date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    return None


def months_between(a, b):
    if b < a:
        return -months_between(b, a)
    months = (b.year - a.year) * 12 + b.month - a.month
    while (reached := add_months(a, months)) is None or reached > b:
        months -= 1
    return months


def dates(r):
    a, b = random_date(r), random_date(r)
    text_a, text_b = f'date("{a}")', f'date("{b}")'
    kind = r.choice(["addDays", "addMonths", "addYears", "days", "months", "years", "weekday", "end", "<"])
    if kind == "addDays":
        days = r.choice([r.randint(-800, 800), r.randint(-4 * 10**6, 4 * 10**6)])
        ordinal = a.toordinal() + days
        ok = 1 <= ordinal <= dt.date.max.toordinal()
        return f"{text_a}.addDays({days})", str(dt.date.fromordinal(ordinal)) if ok else "error"
    if kind in ("addMonths", "addYears"):
        count = r.choice([r.randint(-30, 30), r.randint(-9000, 9000)])
        result = add_months(a, count * (12 if kind == "addYears" else 1))
        return f"{text_a}.{kind}({count})", str(result) if result else "error"
    if kind == "days":
        return f"daysBetween({text_a}, {text_b})", str((b - a).days)
    if kind == "months":
        return f"monthsBetween({text_a}, {text_b})", str(months_between(a, b))
    if kind == "years":
        months = months_between(a, b)
        return f"yearsBetween({text_a}, {text_b})", str(abs(months) // 12 * (1 if months >= 0 else -1))
    if kind == "weekday":
        return f"{text_a}.isoWeekday()", str(a.isoweekday())
    if kind == "end":
        following = add_months(a.replace(day=1), 1)
        last = following - dt.timedelta(1) if following else dt.date.max
        return f"{text_a}.endOfMonth()", str(last)
    return f"{text_a} < {text_b}", "true" if a < b else "false"


def transitions(zone, year):
    """The instants of a year at which the zone's offset changes."""
    found = []
    second = int((dt.datetime(year, 1, 1, tzinfo=dt.timezone.utc) - EPOCH).total_seconds())
    offset = lambda s: (EPOCH + dt.timedelta(seconds=s)).astimezone(zone).utcoffset()
    for day in range(second, second + 366 * 86400, 86400):
        low, high = day, day + 86400
        if offset(low) == offset(high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        found.append(high)
    return found


_cache = {}


def transitions_of(name, year):
    key = (name, year)
    if key not in _cache:
        _cache[key] = transitions(zoneinfo.ZoneInfo(name), year)
    return _cache[key]


def instant_of(name, local):
    """The instant of a local time: the first of two, and the end of the gap when there is none."""
    zone = zoneinfo.ZoneInfo(name)
    instant = local.replace(tzinfo=zone).astimezone(dt.timezone.utc)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    seconds = int((instant - EPOCH).total_seconds())
    gaps = [t for year in (instant.year - 1, instant.year, instant.year + 1)
            for t in transitions_of(name, year) if abs(t - seconds) <= 86400]
    return EPOCH + dt.timedelta(seconds=min(gaps, key=lambda t: abs(t - seconds)))


def zones(r):
    name = r.choice(ZONES)
    zone = zoneinfo.ZoneInfo(name)
    year = r.randint(1971, 2036)
    near = transitions_of(name, year)
    base = r.choice(near) if near and r.random() < 0.8 else int(
        (dt.datetime(year, 1, 1, tzinfo=dt.timezone.utc) - EPOCH).total_seconds()) + r.randint(0, 31 * 10**6)
    kind = r.choice(["date", "hours", "start"])
    if kind == "start":
        day = (EPOCH + dt.timedelta(seconds=base)).astimezone(zone).date() + dt.timedelta(r.randint(-1, 1))
        instant = instant_of(name, dt.datetime(day.year, day.month, day.day))
        shown = instant.strftime("%Y-%m-%dT%H:%M:%SZ")
        return f'date("{day}").timestamp("{name}")', shown
    instant = EPOCH + dt.timedelta(seconds=base + r.choice([-3600, -1, 0, 1, 1800, 3600, 7200]))
    text = f'timestamp("{instant.strftime("%Y-%m-%dT%H:%M:%SZ")}")'
    local = instant.astimezone(zone)
    if kind == "date":
        return f'{text}.date("{name}")', str(local.date())
    return f'{text}.getHours("{name}") * 60 + {text}.getMinutes("{name}")', str(local.hour * 60 + local.minute)


HOLIDAYS = {dt.date(2026, 1, 1), dt.date(2026, 12, 25)}
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2027, 12, 31)


def is_business(day):
    return day.isoweekday() < 6 and day not in HOLIDAYS


def calendars(r):
    a = FIRST + dt.timedelta(r.randint(-3, 1100))
    b = FIRST + dt.timedelta(r.randint(-3, 1100))
    text_a, text_b = f'date("{a}")', f'date("{b}")'
    covered = lambda day: FIRST <= day <= LAST
    kind = r.choice(["is", "next", "add", "add", "between"])
    if kind == "is":
        shown = "error" if not covered(a) else "true" if is_business(a) else "false"
        return f'{text_a}.isBusinessDay("DE-BY")', shown
    if kind == "next":
        day = a
        while covered(day) and not is_business(day):
            day += dt.timedelta(1)
        return f'{text_a}.nextBusinessDay("DE-BY")', str(day) if covered(day) else "error"
    if kind == "between":
        if not covered(a) or not covered(b):
            return f'businessDaysBetween({text_a}, {text_b}, "DE-BY")', "error"
        low, high = min(a, b), max(a, b)
        count = sum(is_business(low + dt.timedelta(i)) for i in range((high - low).days))
        return f'businessDaysBetween({text_a}, {text_b}, "DE-BY")', str(count if a <= b else -count)
    count = r.choice([r.randint(-10, 10), r.randint(-300, 300)])
    day, left = a, abs(count)
    while left > 0 and covered(day):
        day += dt.timedelta(1 if count > 0 else -1)
        left -= is_business(day)
    shown = str(day) if covered(a) and covered(day) else "error"
    return f'{text_a}.addBusinessDays({count}, "DE-BY")', shown


# Calendars with opening hours, as oracle_test.cc declares them: minutes of the day, Monday first.
HOURS = {
    "SHOP": ([[(480, 720), (780, 1080)]] * 5 + [[(540, 780)], []], []),
    "ALWAYS": ([[(0, 1440)]] * 7, [(0, 1440)]),
    "NIGHT": ([[(0, 150), (165, 360), (1320, 1440)]] * 7, [(90, 150)]),
}


def open_intervals(name, calendar, first, last):
    """The open intervals of the local days first..last, as instants."""
    weekdays, holiday = HOURS[calendar]
    for i in range((last - first).days + 1):
        day = first + dt.timedelta(i)
        midnight = dt.datetime(day.year, day.month, day.day)
        for begin, end in holiday if day in HOLIDAYS else weekdays[day.weekday()]:
            yield (instant_of(name, midnight + dt.timedelta(minutes=begin)),
                   instant_of(name, midnight + dt.timedelta(minutes=end)))


def hours(r):
    name = r.choice(ZONES)
    zone = zoneinfo.ZoneInfo(name)
    calendar = r.choice(list(HOURS))
    year = r.choice([2010, 2011, 2025, 2026, 2027, r.randint(2010, 2027)])
    near = transitions_of(name, year)
    base = r.choice(near) if near and r.random() < 0.8 else int(
        (dt.datetime(year, 1, 1, tzinfo=dt.timezone.utc) - EPOCH).total_seconds()) + r.randint(0, 31 * 10**6)
    a = EPOCH + dt.timedelta(seconds=base + r.choice([-1, 0, 1, r.randint(-10**5, 10**5)]))
    span = r.choice([r.randint(-7200, 7200), r.randint(-4 * 10**5, 4 * 10**5),
                     r.randint(-4 * 10**7, 4 * 10**7) if r.random() < 0.2 else 86400])
    b = a + dt.timedelta(seconds=span)
    stamp = lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ")
    text_a, text_b = f'timestamp("{stamp(a)}")', f'timestamp("{stamp(b)}")'
    local_day = lambda t: t.astimezone(zone).date()
    kind = r.choice(["isOpen", "nextOpening", "duration", "duration"])
    if kind == "duration":
        if not dt.date(2009, 1, 3) < local_day(b) < dt.date(2027, 12, 29):
            return hours(r)
        low, high = min(a, b), max(a, b)
        total = dt.timedelta(0)
        for begin, end in open_intervals(name, calendar, local_day(low) - dt.timedelta(2),
                                         local_day(high) + dt.timedelta(2)):
            total += max(min(end, high) - max(begin, low), dt.timedelta(0))
        seconds = int(total.total_seconds()) * (1 if a <= b else -1)
        return f'businessDuration({text_a}, {text_b}, "{calendar}", "{name}")', f"{seconds}s"
    day = local_day(a)
    around = list(open_intervals(name, calendar, day - dt.timedelta(2), day + dt.timedelta(6)))
    if kind == "isOpen":
        is_open = any(begin <= a < end for begin, end in around)
        return f'{text_a}.isOpen("{calendar}", "{name}")', "true" if is_open else "false"
    opening = min(max(begin, a) for begin, end in around if end > a and end > begin)
    return f'{text_a}.nextOpening("{calendar}", "{name}")', stamp(opening)


def doubles(r):
    value = r.choice([
        lambda: r.uniform(-1000, 1000),
        lambda: r.randint(-10**6, 10**6) / r.choice([2, 4, 8, 10, 100, 1000]),
        lambda: r.choice([0.5, 1.5, 2.5, -0.5, 0.125, 0.1, 1e-7, 2.0**-60, 2.0**-200, -2.0**-130]),
        lambda: r.uniform(-1, 1) * 10.0 ** r.randint(-20, 20),
        lambda: r.choice([2.0**63, 2.0**63 - 1024, -2.0**63, 1e18, 9e18, 1e300, 5e-324]),
    ])()
    places = r.choice([0, 0, 1, 2, 2, 4, 10, 18])
    mode = r.choice(list(MODES))
    exact = D(value)
    with dec.localcontext(dec.Context(prec=1200)):
        result = exact.quantize(D(1).scaleb(-places), rounding=MODES[mode])
        shown = show(fits_at(result, places))
    return f"decimal.fromDouble({value!r}, {places}, '{mode}')", shown


def main():
    make = {"decimals": decimals, "money": money, "dates": dates, "zones": zones,
            "calendars": calendars, "hours": hours, "doubles": doubles}[sys.argv[1]]
    r = random.Random(int(sys.argv[2]))
    for _ in range(int(sys.argv[3])):
        print(*make(r), sep="\t")


if __name__ == "__main__":
    main()
