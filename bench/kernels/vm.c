/* A small interpreter: a dispatch loop over byte codes, an operand stack, indirect branches. */
#define NAME "vm"
#define ITERATIONS 150
#include "runtime.h"

enum opcode { PUSH, LOAD, STORE, ADD, SUB, MUL, XOR, SHR, LESS, JUMP, JUMP_IF, PEEK, POKE, CALL, RET, HALT };

/* for (i = 0; i < limit; i++) { cell[i & 255] = twist(total ^ i); total += cell[total & 255]; } */
static const int16_t program[] = {
  /*  0 */ LOAD, 0, LOAD, 2, LESS, JUMP_IF, 9, JUMP, 44,
  /*  9 */ LOAD, 1, LOAD, 0, XOR, CALL, 45, LOAD, 0, POKE,
  /* 19 */ LOAD, 1, LOAD, 1, PEEK, ADD, STORE, 1,
  /* 27 */ LOAD, 0, PUSH, 1, ADD, STORE, 0, JUMP, 0,
  /* 36 */ HALT, HALT, HALT, HALT, HALT, HALT, HALT, HALT,
  /* 44 */ HALT,
  /* 45 */ STORE, 3, LOAD, 3, PUSH, 13, MUL, LOAD, 3, PUSH, 7, SHR, XOR, PUSH, 5, SUB, RET,
};

static uint64_t cells[256], variables[4];

static NOINLINE uint64_t interpret(const int16_t *code) {
  uint64_t stack[32], *top = stack, steps = 0;
  const int16_t *returns[8], **call = returns, *at = code;
  for (;; steps++) {
    switch ((enum opcode)*at++) {
      case PUSH: *++top = *at++; break;
      case LOAD: *++top = variables[*at++]; break;
      case STORE: variables[*at++] = *top--; break;
      case ADD: top--; top[0] += top[1]; break;
      case SUB: top--; top[0] -= top[1]; break;
      case MUL: top--; top[0] *= top[1]; break;
      case XOR: top--; top[0] ^= top[1]; break;
      case SHR: top--; top[0] >>= top[1] & 63; break;
      case LESS: top--; top[0] = top[0] < top[1]; break;
      case JUMP: at = code + *at; break;
      case JUMP_IF: at = *top-- ? code + *at : at + 1; break;
      case PEEK: *top = cells[*top & 255]; break;
      case POKE: cells[top[0] & 255] = top[-1]; top -= 2; break;
      case CALL: *call++ = at + 1; at = code + *at; break;
      case RET: at = *--call; break;
      case HALT: return steps;
    }
  }
}

static uint64_t run(uint64_t iterations) {
  uint64_t sum = 0;
  for (uint64_t n = 0; n < iterations; n++) {
    variables[0] = 0;
    variables[2] = 4000;
    sum = mix(sum, interpret(program) ^ variables[1]);
  }
  return sum;
}
