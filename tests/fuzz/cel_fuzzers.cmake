kulanz_add_fuzzer(cel_parser DEPS cel)
kulanz_add_fuzzer(cel_checker DEPS cel)
kulanz_add_fuzzer(cel_evaluator DEPS cel)

# Expressions that mostly type-check, the same ones in every run, through the evaluator's fuzzer.
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated_cel)
add_test(NAME cel_generated_inputs
         COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/generate_cel.py 20261121 2000 ${generated})
set_tests_properties(cel_generated_inputs PROPERTIES LABELS fuzz FIXTURES_SETUP generated_cel)
add_test(NAME fuzz_cel_generated
         COMMAND fuzz_cel_evaluator $<$<BOOL:${KULANZ_FUZZ}>:-runs=0> ${generated}
         COMMAND_EXPAND_LISTS)
set_tests_properties(fuzz_cel_generated PROPERTIES LABELS fuzz TIMEOUT 300
                                                   FIXTURES_REQUIRED generated_cel
                                                   REQUIRED_FILES $<TARGET_FILE:fuzz_cel_evaluator>)
