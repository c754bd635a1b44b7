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
