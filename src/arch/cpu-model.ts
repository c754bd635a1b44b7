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

/** A machine, with the facility bits that it brought. */
interface Generation extends CpuModel {
  /** Of a whole machine only: a kernel makes use of them, and does not show them to its programs. */
  readonly control: readonly number[];
}

/** Of the message-security assist (17, 57, 76, 77, 146, 155) there are the queries. */
const GENERATIONS: readonly Generation[] = [
  { name: 'z900', platform: 'z900', machine: 2064, facilities: [0, 1, 2, 7], control: [] },
  { name: 'z990', platform: 'z990', machine: 2084, facilities: [16, 17, 18, 19], control: [3] },
  { name: 'z9', platform: 'z9-109', machine: 2094, facilities: [21, 22, 24, 25, 30], control: [9] },
  {
    ...{ name: 'z10', platform: 'z10', machine: 2097 },
    facilities: [26, 32, 33, 34, 35],
    control: [27, 31],
  },
  {
    ...{ name: 'z196', platform: 'z196', machine: 2817 },
    facilities: [37, 41, 45, 77],
    control: [40, 75, 76],
  },
  { name: 'zEC12', platform: 'zEC12', machine: 2827, facilities: [49, 52], control: [51, 131] },
  { name: 'z13', platform: 'z13', machine: 2964, facilities: [53, 57], control: [] },
  { name: 'z14', platform: 'z14', machine: 3906, facilities: [58, 146], control: [130] },
  { name: 'z15', platform: 'z15', machine: 8561, facilities: [61, 155], control: [] },
];

/** Every model with what older ones have too, out of the bits that `brought` gives. */
function models(brought: (generation: Generation) => readonly number[]): readonly CpuModel[] {
  return GENERATIONS.map(({ name, platform, machine }, i) => {
    const bits = GENERATIONS.slice(0, i + 1).flatMap(brought);
    return { name, platform, machine, facilities: bits.sort((a, b) => a - b) };
  });
}

/** As a program sees them under Linux; oldest first. Debian's programs need z196. */
export const CPU_MODELS = models(({ facilities }) => facilities);

/** The same as a kernel sees them. */
const MACHINE_MODELS = models(({ facilities, control }) => [...facilities, ...control]);

/** The newest model. */
export const DEFAULT_CPU_MODEL: CpuModel = CPU_MODELS.at(-1)!;

/** The model called `name`, in any case; `max` is the newest. Undefined when there is none. */
export function cpuModel(name: string): CpuModel | undefined {
  const wanted = name.toLowerCase();
  if (wanted === 'max') return DEFAULT_CPU_MODEL;
  return CPU_MODELS.find((model) => model.name.toLowerCase() === wanted);
}

/** One of {@link CPU_MODELS} with the facilities that only a whole machine has. */
export function machineModel({ name }: CpuModel): CpuModel {
  return MACHINE_MODELS.find((model) => model.name === name)!;
}

/** Why there is no model called `name`: a line for the user. */
export function noCpuModel(name: string): string {
  const names = CPU_MODELS.map((model) => model.name).join(', ');
  return `there is no CPU model '${name}'; choose one of ${names}`;
}

/** The facility list as STORE FACILITY LIST EXTENDED stores it. */
export function facilityList({ facilities }: CpuModel): Uint8Array {
  const doublewords = Math.floor(Math.max(...facilities) / 64) + 1;
  const list = new Uint8Array(8 * doublewords);
  for (const bit of facilities) list[bit >>> 3]! |= 0x80 >>> (bit & 7);
  return list;
}
