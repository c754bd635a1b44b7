/**
 * Values of the EXIT_REASON word, set by generated code that returns -1 with the instruction
 * address in the register file: the interpreter has to go on there, or the budget is used up.
 */
export const EXIT_INTERPRET = 1;
export const EXIT_BUDGET = 2;
/** As EXIT_INTERPRET, because a register was not as narrow as the region took it to be. */
export const EXIT_OVERFLOW = 3;
/** As EXIT_INTERPRET, because storage next to an access, if not the access itself, is closed. */
export const EXIT_GUARD = 4;
/** The last instruction changed what may run next, or how: a machine's CPU looks at everything anew. */
export const EXIT_CHANGED = 5;
/** On to an address that is in another 4 GiB. */
export const EXIT_FAR = 6;

/**
 * What generated code returns besides the low word of the next address: -1 as above; or that the
 * next address, in the register file, is in another 4 GiB. Both are odd: no instruction is there.
 */
export const LEFT = -1;
export const FAR = -3;
