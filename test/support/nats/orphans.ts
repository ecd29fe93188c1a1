import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FOLDER = join(tmpdir(), 'troupe-nats-pids')
const alive = new Map<number, string | null>()
let watched = false

/**
 * Ends what a test process that crashed has left behind: each server is noted in a file beside the process that started
 * it, and goes with that process, at the latest when the next one looks.
 */
export function buryOrphans(): void {
  mkdirSync(FOLDER, { recursive: true })
  for (const name of readdirSync(FOLDER)) {
    const [parent, child] = name.split('-').map(Number)
    if (!parent || !child || isAlive(parent)) continue
    const store = readFileSync(join(FOLDER, name), 'utf8')
    if (isOurs(child, store)) process.kill(child, 'SIGKILL')
    if (store !== '') rmSync(store, { recursive: true, force: true })
    rmSync(join(FOLDER, name), { force: true })
  }
}

/** Notes a server and its folder, or a node, and ends it with this process. */
export function endWithUs(child: ChildProcess, folder: string | null): void {
  const { pid } = child
  if (pid === undefined) return
  const note = join(FOLDER, `${process.pid}-${pid}`)
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(note, folder ?? '')
  alive.set(pid, folder)
  child.once('exit', () => {
    alive.delete(pid)
    rmSync(note, { force: true })
  })
  if (watched) return
  watched = true
  process.once('exit', endAll)
  process.once('disconnect', endAll)
}

function endAll(): void {
  for (const [pid, folder] of alive) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
    rmSync(join(FOLDER, `${process.pid}-${pid}`), { force: true })
  }
  alive.clear()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

// Numbers of processes come again: only one that runs on the noted folder, or a node of a test, is ours.
function isOurs(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder === '' ? 'nats-node-process' : folder)
  } catch {
    return false
  }
}
