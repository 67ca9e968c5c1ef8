#!/usr/bin/env python3
"""Writes customers.csv and incidents.csv, the sample that deploy/quickstart replays.

The people, their addresses and their orders are made up; mail domains are those that RFC 2606 keeps
free for examples. The seed is fixed, so running this again gives the same files byte for byte:

    deploy/sample/generate.py
    deploy/sample/generate.py --check     whether the files are what this would write

Among the ordinary incidents are the ones that a goodwill service has to get right: the same report
sent twice, one order reported under two ids, faults that the customer or the weather caused, customers
that the shop does not know (yet), employees, first orders, and a few people who are let down often.
"""

import csv
import datetime as dt
import io
import pathlib
import random
import sys
import unicodedata

FOLDER = pathlib.Path(__file__).resolve().parent
RANDOM = random.Random("kulanz sample 1")
FIRST_DAY = dt.datetime(2026, 9, 7, tzinfo=dt.timezone.utc)
DAYS = 68  # to 13 November 2026

# locale, time zone, currency, mail domains, how many, given names (ms, mr, neutral), family names
REGIONS = [
    ("de-DE", "Europe/Berlin", "EUR", ["example.com", "example.org", "post.example"], 52,
     ["Änne", "Heike", "Jördis", "Lena", "Ayşe", "Sabine", "Wiebke", "Zoë", "Marie-Luise", "Katarzyna"],
     ["Jürgen", "Björn", "Thomas", "Mehmet", "Götz", "Florian", "Sören", "Uwe", "Hans-Peter", "Dragan"],
     ["Kim", "Robin", "Sascha"],
     ["Müller", "Schröder", "Weiß", "Yıldız", "Groß", "Köhler", "Nguyen", "von der Heide", "Kowalski",
      "Böhm", "Jansen", "Krüger", "Özdemir", "Schäfer", "Lindner-Voss"]),
    ("de-AT", "Europe/Vienna", "EUR", ["example.org", "wien.example"], 12,
     ["Hannelore", "Valentina", "Magdalena"], ["Franz", "Matthäus", "Lukas"], ["Toni"],
     ["Gruber", "Höller", "Pichler", "Stöger", "Novak"]),
    ("de-CH", "Europe/Zurich", "CHF", ["example.com", "alpen.example"], 12,
     ["Regula", "Chiara", "Ursina"], ["Reto", "Beat", "Luca"], ["Andrea"],
     ["Zürcher", "Bühler", "Rossi", "Caduff", "Wüthrich"]),
    ("en-GB", "Europe/London", "EUR", ["example.com", "mail.example"], 16,
     ["Siobhan", "Charlotte", "Priya", "Amelia"], ["Oliver", "Callum", "Rhys", "Tariq"], ["Alex"],
     ["O'Connor", "Whitfield", "Patel", "MacLeod", "Pritchard", "Hughes-Lee"]),
    ("en-IE", "Europe/Dublin", "EUR", ["example.org", "mail.example"], 10,
     ["Aoife", "Niamh", "Orla"], ["Seán", "Cillian", "Pádraig"], ["Rowan"],
     ["Ó Súilleabháin", "Byrne", "Fitzgerald", "Ní Dhónaill"]),
    ("en", "Europe/Lisbon", "EUR", ["example.com"], 6,
     ["Inês", "Beatriz"], ["João", "Tomás"], [], ["Gonçalves", "Simões", "Araújo"]),
    ("en", "Europe/Helsinki", "EUR", ["example.com"], 6,
     ["Aino", "Päivi"], ["Jyrki", "Väinö"], [], ["Mäkelä", "Järvinen", "Öhman"]),
    ("en", "Europe/Warsaw", "EUR", ["example.org"], 6,
     ["Małgorzata", "Zofia"], ["Łukasz", "Paweł"], [], ["Wójcik", "Dąbrowska", "Żak"]),
]

SEGMENTS = ["standard"] * 12 + ["silver"] * 5 + ["gold"] * 3 + ["employee"]
TAGS = ["newsletter", "app", "click_and_collect", "business", "early_adopter"]
CAUSES = ["carrier"] * 11 + ["warehouse"] * 6 + ["weather"] * 2 + ["customer"] * 2 + ["force_majeure"]
PRODUCTS = ["Fibre 100", "Fibre 250", "Fibre 1000", "Mobile M", "Mobile L", "TV Family"]

CUSTOMER_COLUMNS = [
    "customer_id", "given_name", "family_name", "salutation", "email", "locale", "time_zone",
    "customer_since", "orders_completed", "lifetime_value", "currency", "segment", "tags"]
INCIDENT_COLUMNS = [
    "incident_id", "customer_id", "type", "occurred_at", "order_id", "order_total", "currency",
    "promised_at", "delivered_at", "cause", "parcels", "ordered_at", "activated_at", "product",
    "appointment_at", "notice_hours"]


def ascii_local_part(name):
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ł", "l"), ("ı", "i")):
        name = name.lower().replace(letter, plain)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(c for c in plain if c.isalnum() or c == "-")


def amount(low, high):
    """Skewed to the small ones, as orders are; minor units."""
    return round(low + (high - low) * RANDOM.random() ** 2.2)


def as_text(minor_units):
    return f"{minor_units // 100}.{minor_units % 100:02d}"


def instant(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def make_customers():
    customers, addresses = [], set()
    for locale, zone, currency, domains, count, ms, mr, neutral, families in REGIONS:
        for _ in range(count):
            salutation = RANDOM.choice(["ms", "mr"] * 4 + (["neutral"] if neutral else []))
            given = RANDOM.choice({"ms": ms, "mr": mr, "neutral": neutral}[salutation])
            family = RANDOM.choice(families)
            address = f"{ascii_local_part(given)}.{ascii_local_part(family)}"
            while address in addresses:
                address = f"{ascii_local_part(given)}.{ascii_local_part(family)}{RANDOM.randint(2, 99)}"
            addresses.add(address)
            orders = RANDOM.choice([0, 1, 2, 3, 4, 6, 9, 14, 23, 41])
            since = dt.date(2017, 1, 1) + dt.timedelta(days=RANDOM.randrange(3500 if orders else 60))
            if not orders:
                since += dt.timedelta(days=3480)  # first order pending: they came this summer
            customers.append({
                "customer_id": f"C-{10007 + 13 * len(customers)}",
                "given_name": given, "family_name": family, "salutation": salutation,
                "email": f"{address}@{RANDOM.choice(domains)}", "locale": locale, "time_zone": zone,
                "customer_since": since.isoformat(), "orders_completed": orders,
                "lifetime_value": as_text(sum(amount(900, 26000) for _ in range(orders))),
                "currency": currency, "segment": RANDOM.choice(SEGMENTS),
                "tags": ";".join(sorted(RANDOM.sample(TAGS, RANDOM.choice([0, 0, 1, 1, 2])))),
            })
    return customers


def workday(earliest_hour=7, latest_hour=18):
    return FIRST_DAY + dt.timedelta(days=RANDOM.randrange(DAYS),
                                    hours=RANDOM.randint(earliest_hour, latest_hour),
                                    minutes=RANDOM.randrange(60), seconds=RANDOM.randrange(60))


def late_delivery(number):
    delivered = workday()
    days_late = RANDOM.choice([0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 7, 9, 12])
    promised = (delivered - dt.timedelta(days=days_late)).replace(hour=18, minute=0, second=0)
    return {"type": "late_delivery", "occurred_at": instant(delivered),
            "order_id": f"O-{700000 + 37 * number}", "order_total": as_text(amount(1200, 42000)),
            "promised_at": instant(promised), "delivered_at": instant(delivered),
            "cause": RANDOM.choice(CAUSES), "parcels": RANDOM.choice(["", "", "1", "1", "1", "2", "3"])}


def delayed_activation(number):
    reported = workday()
    promised = (reported - dt.timedelta(days=RANDOM.choice([1, 2, 3, 5, 8, 14, 21]))).replace(
        hour=21, minute=59, second=59)
    ordered = promised - dt.timedelta(days=RANDOM.randint(5, 20), hours=RANDOM.randrange(12))
    still_waiting = RANDOM.random() < 0.3
    return {"type": "delayed_activation", "occurred_at": instant(reported),
            "order_id": f"T-{310000 + 41 * number}", "order_total": as_text(amount(1999, 7999)),
            "ordered_at": instant(ordered), "promised_at": instant(promised),
            "activated_at": "" if still_waiting else instant(reported),
            "product": RANDOM.choice(PRODUCTS)}


def missed_appointment(number):
    appointment = workday(6, 16).replace(minute=RANDOM.choice([0, 30]), second=0)
    return {"type": "missed_appointment",
            "occurred_at": instant(appointment + dt.timedelta(hours=RANDOM.choice([0, 1, 2, 4]))),
            "order_id": f"S-{52000 + 17 * number}", "appointment_at": instant(appointment),
            "notice_hours": RANDOM.choice(["", "", "", "1", "2", "6", "18", "26", "50"])}


def make_incidents(customers):
    often = RANDOM.sample(customers, 6)
    makers = [late_delivery] * 13 + [delayed_activation] * 4 + [missed_appointment] * 3
    rows = []
    for number in range(280):
        if number < 36:  # six people, six times each: limits have to hold
            customer = often[number % 6]
        elif number < 46:  # not in customers.csv
            customer = {"customer_id": f"C-{90001 + 7 * (number % 5)}", "currency": "EUR"}
        else:
            customer = RANDOM.choice(customers)
        facts = RANDOM.choice(makers)(number)
        rows.append({"customer_id": customer["customer_id"],
                     "currency": customer["currency"] if "order_total" in facts else "", **facts})
    rows.sort(key=lambda row: (row["occurred_at"], row["order_id"]))
    for number, row in enumerate(rows):
        row["incident_id"] = f"I-2026-{4001 + number}"

    reported_again = []
    for row in RANDOM.sample(rows, 12):  # a retry: the same report, some minutes later in the file
        reported_again.append(dict(row))
    deliveries = [row for row in rows if row["type"] == "late_delivery"]
    for number, row in enumerate(RANDOM.sample(deliveries, 8)):  # one order, reported by a second desk
        reported_again.append({**row, "incident_id": f"I-2026-D{301 + number}"})
    # The sort is stable and the first report stands first, as it came in first.
    return sorted(rows + reported_again, key=lambda row: row["occurred_at"])


def as_csv(columns, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def main():
    customers = make_customers()
    incidents = make_incidents(customers)
    files = {FOLDER / "customers.csv": as_csv(CUSTOMER_COLUMNS, customers),
             FOLDER / "incidents.csv": as_csv(INCIDENT_COLUMNS, incidents)}
    if "--check" in sys.argv[1:]:
        changed = [file.name for file, content in files.items() if file.read_bytes() != content]
        if changed:
            sys.exit(f"{' and '.join(changed)}: not what generate.py writes; run it and commit the result")
    else:
        for file, content in files.items():
            file.write_bytes(content)
    print(f"{len(customers)} customers, {len(incidents)} incidents")


if __name__ == "__main__":
    main()
