/** Thrown when js390 itself is wrong, never because of what a guest did. */
export class InternalError extends Error {}

/** Throws {@link InternalError} unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** Marks a place that no input can reach. */
export function unreachable(message: string): never {
  throw new InternalError(message);
}
