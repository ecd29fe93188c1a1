/** Randomness as the kernel sees it. */
export interface Random {
  /** A number from 0 up to, and without, 1. */
  next(): number
  /** A fresh unguessable id, as `[A-Za-z0-9_-]+`. */
  id(): string
}
