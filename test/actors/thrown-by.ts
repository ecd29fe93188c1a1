/** What the work throws or rejects with; a text that says so when it does neither. */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}
