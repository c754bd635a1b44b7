/* Double-precision floating point: five bodies under gravity; divide and square root in each pair. */
#define NAME "nbody"
#define ITERATIONS 60
#include "runtime.h"

enum { BODIES = 5, STEPS = 1000 };

struct body {
  double x, y, z, vx, vy, vz, mass;
};

static struct body bodies[BODIES];

static NOINLINE void advance(double dt) {
  for (int i = 0; i < BODIES; i++) {
    struct body *a = &bodies[i];
    for (int j = i + 1; j < BODIES; j++) {
      struct body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double square = dx * dx + dy * dy + dz * dz + 0.01;
      double force = dt / (square * __builtin_sqrt(square));
      a->vx -= dx * b->mass * force;
      a->vy -= dy * b->mass * force;
      a->vz -= dz * b->mass * force;
      b->vx += dx * a->mass * force;
      b->vy += dy * a->mass * force;
      b->vz += dz * a->mass * force;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    bodies[i].x += dt * bodies[i].vx;
    bodies[i].y += dt * bodies[i].vy;
    bodies[i].z += dt * bodies[i].vz;
  }
}

static uint64_t run(uint64_t iterations) {
  uint64_t seed = 8, sum = 0;
  for (int i = 0; i < BODIES; i++) {
    double *field = &bodies[i].x;
    for (int j = 0; j < 7; j++) field[j] = (int32_t)next_random(&seed) / 2147483648.0;
    bodies[i].mass = bodies[i].mass * bodies[i].mass + 0.1;
  }
  for (uint64_t n = 0; n < iterations; n++) {
    for (int step = 0; step < STEPS; step++) advance(0.001);
    for (int i = 0; i < BODIES; i++) sum = mix(sum, double_bits(bodies[i].x + bodies[i].vy));
  }
  return sum;
}
