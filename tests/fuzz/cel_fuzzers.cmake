kulanz_add_fuzzer(cel_parser DEPS cel)
kulanz_add_fuzzer(cel_checker DEPS cel)
kulanz_add_fuzzer(cel_evaluator DEPS cel)
