/** One reason why a record cannot go on under a logic. */
export interface Obstacle {
  readonly kind: ObstacleKind
  /** What it is about: a version, a state, a step, the id of a child, a type of message. */
  readonly name: string
  readonly fault: string
  /** What to write or do about it. */
  readonly hint: string
}

/** What stands in the way: the words are those that `troupe machine check` reports by. */
export type ObstacleKind =
  | 'version'
  | 'chart'
  | 'migration'
  | 'state'
  | 'history'
  | 'step'
  | 'child'
  | 'task'
  | 'invoke'
  | 'timer'
  | 'event'
