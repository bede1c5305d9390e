/* A tiny co-simulation unit, FMI 2.0 or 3.0 (-DFMI3), for the tests: a tank of water that a cooler with a set-point
 * keeps cold. der(T) = (TSet - T) / tau while on, else (TAmb - T) / tau; P = 3000 W while on. One instance. */
#include <math.h>
#include <string.h>

enum { T_SET, T_TANK, TAU, POWER, TIME, REALS };
static double reals[REALS] = {280.15, 293.15, 100.0, 0.0, 0.0};
static int on = 1;
static double last_point = -1.0, steps = 0.0;

static int step(double from, double size) {
    if (size <= 0.0 || from < last_point)
        return 3; /* never backwards: an error */
    last_point = from + size;
    double target = on ? reals[T_SET] : 303.15;
    reals[T_TANK] = target + (reals[T_TANK] - target) * exp(-size / reals[TAU]);
    reals[POWER] = on ? 3000.0 : 0.0;
    reals[TIME] = last_point;
    steps += 1.0;
    return 0;
}

#ifdef FMI3
#include "fmi3Functions.h"
fmi3Instance fmi3InstantiateCoSimulation(fmi3String a, fmi3String b, fmi3String c, fmi3Boolean d, fmi3Boolean e,
                                         fmi3Boolean f, fmi3Boolean g, const fmi3ValueReference h[], size_t i,
                                         fmi3InstanceEnvironment j, fmi3LogMessageCallback k,
                                         fmi3IntermediateUpdateCallback l) { return reals; }
void fmi3FreeInstance(fmi3Instance i) {}
fmi3Status fmi3EnterInitializationMode(fmi3Instance i, fmi3Boolean a, fmi3Float64 b, fmi3Float64 c, fmi3Boolean d,
                                       fmi3Float64 e) { return fmi3OK; }
fmi3Status fmi3ExitInitializationMode(fmi3Instance i) { return fmi3OK; }
fmi3Status fmi3Terminate(fmi3Instance i) { return fmi3OK; }
fmi3Status fmi3SetFloat64(fmi3Instance i, const fmi3ValueReference r[], size_t n, const fmi3Float64 v[], size_t m) {
    for (size_t k = 0; k < n; k++) reals[r[k]] = v[k];
    return fmi3OK;
}
fmi3Status fmi3GetFloat64(fmi3Instance i, const fmi3ValueReference r[], size_t n, fmi3Float64 v[], size_t m) {
    for (size_t k = 0; k < n; k++) v[k] = reals[r[k]];
    return fmi3OK;
}
fmi3Status fmi3SetBoolean(fmi3Instance i, const fmi3ValueReference r[], size_t n, const fmi3Boolean v[], size_t m) {
    on = v[0];
    return fmi3OK;
}
fmi3Status fmi3GetBoolean(fmi3Instance i, const fmi3ValueReference r[], size_t n, fmi3Boolean v[], size_t m) {
    v[0] = on;
    return fmi3OK;
}
fmi3Status fmi3DoStep(fmi3Instance i, fmi3Float64 from, fmi3Float64 size, fmi3Boolean a, fmi3Boolean *b,
                      fmi3Boolean *c, fmi3Boolean *d, fmi3Float64 *e) {
    *b = *c = *d = 0;
    *e = from + size;
    return step(from, size) ? fmi3Error : fmi3OK;
}
#else
#include "fmi2Functions.h"
fmi2Component fmi2Instantiate(fmi2String a, fmi2Type b, fmi2String c, fmi2String d, const fmi2CallbackFunctions *e,
                              fmi2Boolean f, fmi2Boolean g) { return reals; }
void fmi2FreeInstance(fmi2Component c) {}
fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean a, fmi2Real b, fmi2Real d, fmi2Boolean e, fmi2Real f) {
    return fmi2OK;
}
fmi2Status fmi2EnterInitializationMode(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2ExitInitializationMode(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2Terminate(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference r[], size_t n, const fmi2Real v[]) {
    for (size_t k = 0; k < n; k++) reals[r[k]] = v[k];
    return fmi2OK;
}
fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference r[], size_t n, fmi2Real v[]) {
    for (size_t k = 0; k < n; k++) v[k] = reals[r[k]];
    return fmi2OK;
}
fmi2Status fmi2SetBoolean(fmi2Component c, const fmi2ValueReference r[], size_t n, const fmi2Boolean v[]) {
    on = v[0];
    return fmi2OK;
}
fmi2Status fmi2GetBoolean(fmi2Component c, const fmi2ValueReference r[], size_t n, fmi2Boolean v[]) {
    v[0] = on;
    return fmi2OK;
}
fmi2Status fmi2DoStep(fmi2Component c, fmi2Real from, fmi2Real size, fmi2Boolean a) {
    return step(from, size) ? fmi2Error : fmi2OK;
}
#endif
