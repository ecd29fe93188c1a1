import type { RateLimits } from '../../machines/model-chunk.ts'
import { LONGEST_WAIT } from '../retry-after.ts'

type Window = NonNullable<RateLimits['requests']>

/** What a provider's answer says of its limits; null when it says nothing. */
export function rateLimits(headers: Headers): RateLimits | null {
  const now = Date.parse(headers.get('date') ?? '') || Date.now()
  const requests = openaiWindow(headers, 'requests') ?? anthropicWindow(headers, 'requests', now)
  const tokens =
    openaiWindow(headers, 'tokens') ??
    anthropicWindow(headers, 'tokens', now) ??
    anthropicWindow(headers, 'input-tokens', now)
  if (!requests && !tokens) return null
  return { ...(requests ? { requests } : {}), ...(tokens ? { tokens } : {}) }
}

/** Milliseconds until a limit that is used up is full again; null when none is. */
export function limitsReset(headers: Headers): number | null {
  const { requests, tokens } = rateLimits(headers) ?? {}
  const waits = [requests, tokens].flatMap((window) =>
    window?.remaining === 0 && window.resetIn !== undefined ? [window.resetIn] : [],
  )
  return waits.length === 0 ? null : Math.max(...waits)
}

function openaiWindow(headers: Headers, unit: string): Window | null {
  return windowOf(
    count(headers.get(`x-ratelimit-limit-${unit}`)),
    count(headers.get(`x-ratelimit-remaining-${unit}`)),
    lengthOf(headers.get(`x-ratelimit-reset-${unit}`)),
  )
}

function anthropicWindow(headers: Headers, unit: string, now: number): Window | null {
  const reset = Date.parse(headers.get(`anthropic-ratelimit-${unit}-reset`) ?? '')
  return windowOf(
    count(headers.get(`anthropic-ratelimit-${unit}-limit`)),
    count(headers.get(`anthropic-ratelimit-${unit}-remaining`)),
    Number.isNaN(reset) ? undefined : Math.max(0, reset - now),
  )
}

function windowOf(limit?: number, remaining?: number, resetIn?: number): Window | null {
  if (limit === undefined && remaining === undefined) return null
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetIn === undefined ? {} : { resetIn: Math.min(LONGEST_WAIT, resetIn) }),
  }
}

function count(text: string | null): number | undefined {
  const number = text === null || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) && number >= 0 ? number : undefined
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

// Only the last number may be without a unit: were all, one long number could be read in more ways than can be tried.
const LENGTH = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))*(?:\d+(?:\.\d+)?)?$/

// `1s`, `6m0s`, `20ms`, `1h2m3.5s`, and plain seconds.
function lengthOf(text: string | null): number | undefined {
  if (!text || !LENGTH.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)?/g)]
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? 's'] ?? 0), 0)
}
