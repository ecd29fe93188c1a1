/** How a command ends, for scripts. */
export const EXIT = {
  done: 0,
  /** A fault of ours, or of the machine. */
  crashed: 1,
  usage: 2,
  blocked: 3,
  /** What was finished is in the output; so, too, when a model was asked for and not one call succeeded. */
  failed: 4,
  overBudget: 5,
  interrupted: 130,
} as const
