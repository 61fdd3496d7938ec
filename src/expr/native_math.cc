// Mathematical functions: those of C's <math.h> that jq 1.7 has. Results may differ from other builds in the last digit
// (J6).
#include <cmath>
#include <limits>
#include <string>

#include "expr/native.h"
#include "expr/operations.h"

namespace pawl::expr {

using json::Value;

namespace {

std::unexpected<Value> number_required(const Value& x) { return raise(described(x) + " number required"); }

template <double (*function)(double)>
Outcome of_one(NativeCall& call) {
  if (!call.input.is_number()) return number_required(call.input);
  return Value::number(function(call.input.number()));
}

// Functions that leave integers as they are, exactly.
template <double (*function)(double)>
Outcome rounded(NativeCall& call) {
  if (!call.input.is_number()) return number_required(call.input);
  return call.input.is_integer() ? call.input : Value::number(function(call.input.number()));
}

template <double (*function)(double, double)>
Outcome of_two(NativeCall& call) {
  for (const Value& argument : call.arguments) {
    if (!argument.is_number()) return number_required(argument);
  }
  return Value::number(function(call.arguments[0].number(), call.arguments[1].number()));
}

Outcome fma(NativeCall& call) {
  for (const Value& argument : call.arguments) {
    if (!argument.is_number()) return number_required(argument);
  }
  return Value::number(std::fma(call.arguments[0].number(), call.arguments[1].number(), call.arguments[2].number()));
}

double exponent_of_ten(double x) { return std::pow(10.0, x); }
double significand(double x) { return x == 0 || !std::isfinite(x) ? x : std::scalbn(x, -std::ilogb(x)); }
double scale(double x, double exponent) {
  constexpr double beyond = 10'000;  // of any double's exponent
  return std::ldexp(x, static_cast<int>(std::fmax(-beyond, std::fmin(beyond, exponent))));
}

Outcome abs(NativeCall& call) {
  if (!call.input.is_number()) return raise(described(call.input) + " has no absolute value");
  return call.input.number() < 0 ? negated(call.input) : Outcome(call.input);
}

Outcome frexp(NativeCall& call) {
  if (!call.input.is_number()) return number_required(call.input);
  int exponent = 0;
  const double fraction = std::frexp(call.input.number(), &exponent);
  return Value::array({Value::number(fraction), Value::integer(std::isfinite(fraction) ? exponent : 0)});
}

Outcome modf(NativeCall& call) {
  if (!call.input.is_number()) return number_required(call.input);
  double whole = 0;
  const double fraction = std::modf(call.input.number(), &whole);
  return Value::array({Value::number(fraction), Value::number(whole)});
}

Outcome lgamma_r(NativeCall& call) {
  if (!call.input.is_number()) return number_required(call.input);
  int sign = 0;
  const double result = ::lgamma_r(call.input.number(), &sign);
  return Value::array({Value::number(result), Value::integer(sign)});
}

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

Outcome infinite(NativeCall&) { return Value::raw_number(std::numeric_limits<double>::infinity()); }
Outcome nan(NativeCall&) { return Value::raw_number(std::numeric_limits<double>::quiet_NaN()); }

Outcome is_infinite(NativeCall& call) {
  if (!call.input.is_number()) return number_required(call.input);
  return Value(static_cast<bool>(std::isinf(call.input.number())));
}

Outcome is_nan(NativeCall& call) {
  if (!call.input.is_number()) return number_required(call.input);
  return Value(static_cast<bool>(std::isnan(call.input.number())));
}

Outcome is_normal(NativeCall& call) {
  if (!call.input.is_number()) return number_required(call.input);
  return Value(static_cast<bool>(std::isnormal(call.input.number())));
}

constexpr Native list[] = {{"floor", 0, rounded<std::floor>},
                           {"ceil", 0, rounded<std::ceil>},
                           {"round", 0, rounded<std::round>},
                           {"trunc", 0, rounded<std::trunc>},
                           {"rint", 0, rounded<std::rint>},
                           {"nearbyint", 0, rounded<std::nearbyint>},
                           {"fabs", 0, of_one<std::fabs>},
                           {"abs", 0, abs},
                           {"sqrt", 0, of_one<std::sqrt>},
                           {"cbrt", 0, of_one<std::cbrt>},
                           {"exp", 0, of_one<std::exp>},
                           {"exp2", 0, of_one<std::exp2>},
                           {"exp10", 0, of_one<exponent_of_ten>},
                           {"expm1", 0, of_one<std::expm1>},
                           {"log", 0, of_one<std::log>},
                           {"log2", 0, of_one<std::log2>},
                           {"log10", 0, of_one<std::log10>},
                           {"log1p", 0, of_one<std::log1p>},
                           {"logb", 0, of_one<std::logb>},
                           {"sin", 0, of_one<std::sin>},
                           {"cos", 0, of_one<std::cos>},
                           {"tan", 0, of_one<std::tan>},
                           {"asin", 0, of_one<std::asin>},
                           {"acos", 0, of_one<std::acos>},
                           {"atan", 0, of_one<std::atan>},
                           {"sinh", 0, of_one<std::sinh>},
                           {"cosh", 0, of_one<std::cosh>},
                           {"tanh", 0, of_one<std::tanh>},
                           {"asinh", 0, of_one<std::asinh>},
                           {"acosh", 0, of_one<std::acosh>},
                           {"atanh", 0, of_one<std::atanh>},
                           {"gamma", 0, of_one<log_gamma>},
                           {"lgamma", 0, of_one<log_gamma>},
                           {"tgamma", 0, of_one<std::tgamma>},
                           {"erf", 0, of_one<std::erf>},
                           {"erfc", 0, of_one<std::erfc>},
                           {"j0", 0, of_one<::j0>},
                           {"j1", 0, of_one<::j1>},
                           {"y0", 0, of_one<::y0>},
                           {"y1", 0, of_one<::y1>},
                           {"significand", 0, of_one<significand>},
                           {"pow", 2, of_two<std::pow>},
                           {"pow10", 0, of_one<exponent_of_ten>},
                           {"atan2", 2, of_two<std::atan2>},
                           {"fmod", 2, of_two<std::fmod>},
                           {"fmin", 2, of_two<std::fmin>},
                           {"fmax", 2, of_two<std::fmax>},
                           {"fdim", 2, of_two<std::fdim>},
                           {"hypot", 2, of_two<std::hypot>},
                           {"copysign", 2, of_two<std::copysign>},
                           {"nextafter", 2, of_two<std::nextafter>},
                           {"nexttoward", 2, of_two<std::nextafter>},
                           {"drem", 2, of_two<std::remainder>},
                           {"ldexp", 2, of_two<scale>},
                           {"scalb", 2, of_two<scale>},
                           {"scalbln", 2, of_two<scale>},
                           {"fma", 3, fma},
                           {"frexp", 0, frexp},
                           {"modf", 0, modf},
                           {"lgamma_r", 0, lgamma_r},
                           {"infinite", 0, infinite},
                           {"nan", 0, nan},
                           {"isinfinite", 0, is_infinite},
                           {"isnan", 0, is_nan},
                           {"isnormal", 0, is_normal}};

}  // namespace

std::span<const Native> math_natives() { return list; }

}  // namespace pawl::expr
