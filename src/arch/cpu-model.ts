/**
 * CPU models: which facilities a guest finds (PoP, "Facility Indications"). A model is never given a
 * facility whose instructions js390 does not carry out.
 */
export interface CpuModel {
  readonly name: string;
  /** What Linux calls the machine (AT_PLATFORM). */
  readonly platform: string;
  /** Machine type, as STSI and /proc/cpuinfo show it. */
  readonly machine: number;
  /** Facility bits in ascending order. */
  readonly facilities: readonly number[];
}

/** `base` and the bits that the next machine brought, in ascending order. */
function and(base: readonly number[], ...bits: number[]): readonly number[] {
  return [...base, ...bits].sort((a, b) => a - b);
}

// Left out although the machines have them: 27 and 31, whose instructions are the kernel's to allow.
// Of the message-security assist (17, 57, 77, 146, 155) there are the queries.
const Z900: readonly number[] = [0, 1, 2, 7];
const Z990 = and(Z900, 16, 17, 18, 19);
const Z9 = and(Z990, 21, 22, 24, 25, 30);
const Z10 = and(Z9, 26, 32, 33, 34, 35);
const Z196 = and(Z10, 37, 41, 45, 77);
const ZEC12 = and(Z196, 49, 52);
const Z13 = and(ZEC12, 53, 57);
const Z14 = and(Z13, 58, 146);
const Z15 = and(Z14, 61, 155);

/** Oldest first. Debian's programs need z196. */
export const CPU_MODELS: readonly CpuModel[] = [
  { name: 'z900', platform: 'z900', machine: 2064, facilities: Z900 },
  { name: 'z990', platform: 'z990', machine: 2084, facilities: Z990 },
  { name: 'z9', platform: 'z9-109', machine: 2094, facilities: Z9 },
  { name: 'z10', platform: 'z10', machine: 2097, facilities: Z10 },
  { name: 'z196', platform: 'z196', machine: 2817, facilities: Z196 },
  { name: 'zEC12', platform: 'zEC12', machine: 2827, facilities: ZEC12 },
  { name: 'z13', platform: 'z13', machine: 2964, facilities: Z13 },
  { name: 'z14', platform: 'z14', machine: 3906, facilities: Z14 },
  { name: 'z15', platform: 'z15', machine: 8561, facilities: Z15 },
];

/** The newest model. */
export const DEFAULT_CPU_MODEL: CpuModel = CPU_MODELS.at(-1)!;

/** The model called `name`, in any case; `max` is the newest. Undefined when there is none. */
export function cpuModel(name: string): CpuModel | undefined {
  const wanted = name.toLowerCase();
  if (wanted === 'max') return DEFAULT_CPU_MODEL;
  return CPU_MODELS.find((model) => model.name.toLowerCase() === wanted);
}

/** The facility list as STORE FACILITY LIST EXTENDED stores it. */
export function facilityList({ facilities }: CpuModel): Uint8Array {
  const doublewords = Math.floor(Math.max(...facilities) / 64) + 1;
  const list = new Uint8Array(8 * doublewords);
  for (const bit of facilities) list[bit >>> 3]! |= 0x80 >>> (bit & 7);
  return list;
}
