/** A moment at which a process kills itself. */
export type KillPoint =
  /** The journal was asked to append, and nothing of it has reached the file. */
  | 'before-append'
  /** The append is in the file, and the kernel has not heard of it. */
  | 'after-append'
  /** The sender has its acknowledgement; the work that its message asked for has not begun. */
  | 'acknowledged'
  /** The first of the effects of a commit has left, the next has not. */
  | 'effect-left'
  /** The first of two tasks of a commit has been started, the other has not. */
  | 'task-started'
  /** A task has done its work, and nobody has heard of that. */
  | 'task-worked'

/** What one process of the kill tests is to do. It goes to the process as JSON. */
export interface KillPlan {
  /** The journal's file. */
  readonly file: string
  /** Where the tasks write down what they did. */
  readonly errands: string
  /** Counts the processes that worked on the file; it tells their messages apart. */
  readonly life: number
  /** Where it dies, at which passage, and from when on they count. Null for one that the parent kills, or nobody. */
  readonly death: { readonly point: KillPoint; readonly nth: number; readonly from: 'start' | 'work' } | null
  /** After its report it takes messages until it dies, or it stops in order. */
  readonly then: 'work' | 'stop'
}
