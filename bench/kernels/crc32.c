/* CRC-32 (IEEE 802.3) by table, a byte at a time: loads, shifts and exclusive or, one long chain. */
#define NAME "crc32"
#define ITERATIONS 1500
#include "runtime.h"

enum { SIZE = 65536 };

static uint32_t table[256];
static uint8_t data[SIZE];

static void fill_table(void) {
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t c = n;
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ c >> 1 : c >> 1;
    table[n] = c;
  }
}

static NOINLINE uint32_t crc32(uint32_t crc, const uint8_t *bytes, size_t length) {
  crc = ~crc;
  for (size_t i = 0; i < length; i++) crc = table[(crc ^ bytes[i]) & 255] ^ crc >> 8;
  return ~crc;
}

static uint64_t run(uint64_t iterations) {
  uint64_t seed = 2;
  uint32_t crc = 0;
  fill_table();
  for (int i = 0; i < SIZE; i++) data[i] = next_random(&seed);
  for (uint64_t n = 0; n < iterations; n++) crc = crc32(crc, data, SIZE);
  return mix(crc32(0, (const uint8_t *)"123456789", 9), crc);
}
