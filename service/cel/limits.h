// The bounds of the language. Each stands with its reason; each is tested at the limit and one past it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kulanz::cel {

// Of any text: cel-go's default (100,000 code points), in bytes. Compilation is linear in it.
inline constexpr std::size_t kMaxTextBytes = 100'000;
// Of a policy's text: 4 KiB is fifty lines; whoever needs more wants `variables`.
inline constexpr std::size_t kMaxPolicyTextBytes = 4096;

// Levels of nesting. The compiler and the evaluator recurse once per level, so this bounds the stack:
// 250 (cel-go's default) levels of at most ~1 KiB each.
inline constexpr int kMaxDepth = 250;
// No person reads 64 levels.
inline constexpr int kMaxPolicyDepth = 64;

// Loops within loops, in policies: with lists of at most some hundred items, two keep the cost bounded.
inline constexpr int kMaxPolicyLoops = 2;

// Types in a type (list(map(string, int)) has four), and steps of unifying them in one expression: both
// double with each level where a part occurs twice, and no sensible expression comes near.
inline constexpr std::uint32_t kMaxTypeWeight = 1000;
inline constexpr std::int64_t kMaxUnificationSteps = 200'000;

// Local variables (comprehensions, cel.bind) alive at once; they live on the evaluation's stack frame.
inline constexpr int kMaxLocals = 512;

// Parameters of a function, receiver included: arguments live on the evaluation's stack frame.
inline constexpr std::size_t kMaxParameters = 8;

// Diagnostics of one expression: after so many the rest is noise.
inline constexpr std::size_t kMaxDiagnostics = 100;

// Parts that money.allocate() divides an amount into.
inline constexpr std::int64_t kMaxAllocatedParts = 1000;

// A policy expression's worst case, in units of about 50 ns (Kubernetes allows 1,000,000 per call).
inline constexpr std::uint64_t kMaxPolicyCost = 100'000;
// What a string or list of unknown size counts as in the estimate.
inline constexpr std::uint64_t kUnboundedSize = UINT64_MAX;

// RE2's own bound on a compiled pattern's memory; enough for any sensible pattern (its default is 8 MiB).
inline constexpr std::int64_t kMaxPatternBytes = 1 << 20;

}  // namespace kulanz::cel
