#!/usr/bin/env python3
"""Seeds one violation after the other and holds check_sources.py to catching each, and nothing else."""

import pathlib
import tempfile
import unittest

import check_sources


def rules(path, text):
    return [finding.rule for finding in check_sources.check_file(path, text)]


def header(body):
    return f"// Thing: for a test.\n#pragma once\n{body}\n"


class Includes(unittest.TestCase):

    def test_the_allowed_directions_are_silent(self):
        for path, included in [
                ("service/domain/a.cc", "service/base/status.h"),
                ("service/engine/a.cc", "service/cel/value.h"),
                ("service/app/a.cc", "service/ports/store.h"),
                ("service/app/a.cc", "service/base/task.h"),
                ("service/adapters/grpc/a.cc", "service/app/incidents.h"),
                ("service/adapters/grpc/a.cc", "service/adapters/grpc/b.h"),
                ("service/adapters/redis/a.cc", "service/ports/store.h"),
                ("service/adapters/maildir/a.cc", "service/adapters/mail/letter.h"),
                ("service/kulanz/a.cc", "service/adapters/memory/memory_store.h"),
                ("service/kulanzd/main.cc", "service/adapters/redis/redis_store.h"),
                ("tests/unit/app/a_test.cc", "service/app/incidents.h")]:
            self.assertEqual(rules(path, f'#include "{included}"\n'), [], f"{path} -> {included}")

    def test_the_forbidden_directions_are_caught(self):
        for path, included in [
                ("service/base/a.cc", "service/domain/money.h"),
                ("service/domain/a.cc", "service/ports/store.h"),
                ("service/cel/a.cc", "service/policy/policy_set.h"),
                ("service/engine/a.cc", "service/ports/store.h"),
                ("service/ports/a.cc", "service/engine/decide.h"),
                ("service/app/a.cc", "service/adapters/redis/redis_store.h"),
                ("service/adapters/redis/a.cc", "service/app/incidents.h"),
                ("service/adapters/redis/a.cc", "service/adapters/memory/memory_store.h"),
                ("service/adapters/memory/a.cc", "service/adapters/mail/letter.h"),
                ("service/kulanz/a.cc", "service/adapters/maildir/maildir.h"),
                ("service/app/a.cc", "service/kulanzd/config.h")]:
            self.assertEqual(rules(path, f'#include "{included}"\n'), ["direction"], f"{path} -> {included}")

    def test_the_service_does_not_include_tests(self):
        self.assertEqual(rules("service/app/a.cc", '#include "tests/support/fake.h"\n'), ["direction"])

    def test_own_headers_are_included_by_their_full_path(self):
        self.assertEqual(rules("service/app/a.cc", '#include "keys.h"\n'), ["include-path"])

    def test_foreign_headers_stay_at_home(self):
        for included, home, elsewhere in [
                ("<hiredis/async.h>", "service/adapters/redis/a.cc", "service/adapters/memory/a.cc"),
                ("<grpcpp/grpcpp.h>", "service/adapters/grpc/a.cc", "service/app/record_codec.cc"),
                ("<grpcpp/grpcpp.h>", "service/kulanz/server/client.cc", "service/kulanzd/main.cc"),
                ('"proto/kulanz/v1/incidents.pb.h"', "service/app/record_codec.cc", "service/app/record_codec.h"),
                ('"kulanz/v1/incidents.grpc.pb.h"', "service/adapters/grpc/a.h", "service/app/record_codec.cc"),
                ("<google/protobuf/message.h>", "service/adapters/grpc/a.h", "service/domain/a.cc"),
                ("<yaml-cpp/eventhandler.h>", "service/policy/a.cc", "service/kulanz/a.cc"),
                ("<openssl/hmac.h>", "service/base/crypto.cc", "service/domain/voucher_code.cc"),
                ("<prometheus/registry.h>", "service/adapters/prometheus/a.cc", "service/app/a.cc"),
                ('"absl/time/time.h"', "service/base/time_zone.cc", "service/base/time_zone.h")]:
            line = f"#include {included}"
            self.assertEqual(rules(home, header(line)), [], f"{home}: {included}")
            self.assertEqual(rules(elsewhere, header(line)), ["header"], f"{elsewhere}: {included}")
            self.assertEqual(rules("tests/integration/a.cc", header(line)), [])


class Code(unittest.TestCase):

    def test_pure_folders_read_no_clock(self):
        for call in ["std::chrono::system_clock::now()", "steady_clock::now()", "std::time(nullptr)", "time(0)"]:
            for folder in ["domain", "cel", "policy", "engine", "app", "ports"]:
                self.assertEqual(rules(f"service/{folder}/a.cc", f"auto now = {call};\n"), ["clock"])
            self.assertEqual(rules("service/adapters/system/clock.cc", f"auto now = {call};\n"), [])

    def test_functions_that_are_only_called_similar_are_fine(self):
        for call in ["incident.time(0)", "local_time(nullptr)", "clock.Now()", "operand(1)", "x->rand()"]:
            self.assertEqual(rules("service/engine/a.cc", f"auto x = {call};\n"), [], call)

    def test_chance_and_sleep_come_through_ports(self):
        self.assertEqual(rules("service/app/a.cc", "int x = rand();\n"), ["random"])
        self.assertEqual(rules("service/app/a.cc", "std::mt19937 engine;\n"), ["random"])
        self.assertEqual(rules("service/adapters/smtp/a.cc", "int x = std::rand();\n"), ["random"])
        self.assertEqual(rules("service/app/a.cc", "std::this_thread::sleep_for(1s);\n"), ["sleep"])

    def test_the_domain_has_no_floating_point(self):
        self.assertEqual(rules("service/domain/a.cc", "double amount = 0;\n"), ["double"])
        self.assertEqual(rules("service/cel/a.cc", "double amount = 0;\n"), [])

    def test_codes_are_revealed_in_few_places(self):
        for path in ["service/app/incidents.cc", "service/adapters/redis/a.cc", "service/adapters/system/log.cc"]:
            self.assertEqual(rules(path, "Log(code.Reveal());\n"), ["reveal"])
        for path in ["service/adapters/grpc/a.cc", "service/adapters/mail/letter.cc", "tests/unit/a_test.cc"]:
            self.assertEqual(rules(path, "Answer(code->Reveal(prefix));\n"), [])

    def test_comments_and_literals_do_not_count(self):
        for text in ["// never rand()", "/* steady_clock::now\n steady_clock::now */", 'Say("time(0)");',
                     'auto s = R"(rand())";', "const int million = 1'000'000;  // rand() is 'not' used"]:
            self.assertEqual(rules("service/app/a.cc", text + "\n"), [], text)

    def test_code_after_a_literal_still_counts(self):
        self.assertEqual(rules("service/app/a.cc", "Say(\"'\", '\"', 1'000, rand());\n"), ["random"])

    def test_a_waiver_needs_its_rule_and_a_reason(self):
        call = "auto now = steady_clock::now();"
        self.assertEqual(rules("service/app/a.cc", f"{call}  // tidy-ok(clock): measures itself\n"), [])
        self.assertEqual(rules("service/app/a.cc", f"{call}  // tidy-ok(sleep): wrong rule\n"), ["clock"])
        self.assertEqual(rules("service/app/a.cc", f"{call}  // tidy-ok(clock): \n"), ["clock"])


class Text(unittest.TestCase):

    def test_the_limit_of_lines(self):
        self.assertEqual(rules("service/app/a.cc", "\n" * 400), [])
        self.assertEqual(rules("service/app/a.cc", "\n" * 401), ["length"])
        self.assertEqual(rules("tests/unit/a_test.cc", "\n" * 401), ["length"])
        self.assertEqual(rules("service/app/a.cc", "// tidy-ok(length): one table\n" + "\n" * 400), [])

    def test_a_todo_has_a_name(self):
        self.assertEqual(rules("service/app/a.cc", "// TODO(ana): when the API is final\n"), [])
        for text in ["// TODO: later", "// TODO(ana)", "// FIXME(ana): broken"]:
            self.assertEqual(rules("service/app/a.cc", text + "\n"), ["todo"], text)

    def test_tests_take_free_ports(self):
        self.assertEqual(rules("tests/e2e/a_test.cc", 'Start("127.0.0.1:0");\n'), [])
        for text in ['Start("127.0.0.1:50051");', 'Dial("localhost:6379");', 'Run("redis-server --port 7000");']:
            self.assertEqual(rules("tests/e2e/a_test.cc", text + "\n"), ["port"], text)
        self.assertEqual(rules("service/kulanzd/config.cc", 'listen = "127.0.0.1:50051";\n'), [])

    def test_a_header_opens_with_what_it_is(self):
        self.assertEqual(rules("service/app/a.h", "#pragma once\n"), ["header-comment"])
        self.assertEqual(rules("service/app/a.h", "// A: a thing.\nint a;\n"), ["pragma-once"])


class UnnamedNamespaces(unittest.TestCase):

    def found(self, *bodies, folder="service/app"):
        sources = [(f"{folder}/{i}.cc", f"namespace kulanz {{\nnamespace {{\n{body}\n}}  // namespace\n"
                    "}  // namespace kulanz\n") for i, body in enumerate(bodies)]
        return [(f.path, f.line, f.rule) for f in check_sources.check_unnamed_namespaces(sources)]

    def test_a_name_that_two_files_of_a_library_have_is_caught(self):
        for a, b in [("int Read(int a) {\n  return a;\n}", "std::string Read() { return {}; }"),
                     ("constexpr int kTries = 8;", "constexpr Duration kTries{8};"),
                     ("struct Item {\n};", "using Item = std::variant<int, bool>;"),
                     ("class Reader final : public Other {\n};", "const Reader* Reader(const Map<int, bool>& map);"),
                     ("using K = Kind;", "using K = Type::Kind;"),
                     ("template <typename T>\nstd::optional<T> As(T value) {", "bool As(int of = Max(1)) {")]:
            self.assertEqual(self.found(a, b), [("service/app/1.cc", 3, "unnamed")], f"{a} | {b}")
            self.assertEqual(self.found(a, ""), [])

    def test_what_stands_within_a_function_or_says_the_same_is_fine(self):
        for a, b in [("int First() {\n  constexpr int kTries = 8;\n  return Read(1);\n}", "int Read();\nint kTries = 1;"),
                     ("namespace fs = std::filesystem;", "namespace fs = std::filesystem;"),
                     ("const int kFirst = Read(1);", "int Read(int a);"),
                     ("// int Read();", "int Read();")]:
            self.assertEqual(self.found(a, b), [], f"{a} | {b}")

    def test_other_libraries_have_their_own(self):
        text = "namespace {\nint Read();\n}  // namespace\n"
        for a, b, count in [("service/app/a.cc", "service/cel/a.cc", 0),
                            ("service/kulanz/fmt/a.cc", "service/kulanz/test/a.cc", 1),
                            ("service/kulanz/fmt/a.cc", "service/kulanz/server/a.cc", 0)]:
            self.assertEqual(len(list(check_sources.check_unnamed_namespaces([(a, text), (b, text)]))), count)


class Tree(unittest.TestCase):

    def test_the_walk_finds_sources_and_says_where(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "service/domain").mkdir(parents=True)
            (root / "service/domain/money.cc").write_text('\n#include "service/app/incidents.h"\n')
            (root / "service/domain/notes.md").write_text("TODO\n")
            files, findings = check_sources.check_tree(root)
        self.assertEqual(files, 1)
        self.assertEqual([(f.path, f.line, f.rule) for f in findings], [("service/domain/money.cc", 2, "direction")])


if __name__ == "__main__":
    unittest.main()
