/** What a model of OpenAI takes beside the request itself. */
export interface OpenaiTraits {
  /** Takes a temperature. */
  readonly sampling: boolean
  /** Takes an effort of reasoning. */
  readonly effort: boolean
}

/** The families that are sampled and do not reason; what is newer than they are reasons and refuses a temperature. */
const SAMPLED = /^(ft:)?(gpt-3\.5|gpt-4|chatgpt|gpt-5(\.\d+)?-chat|davinci|babbage)/

/** What a model takes, by the family that its name speaks of. */
export function openaiTraits(model: string): OpenaiTraits {
  const isSampled = SAMPLED.test(model)
  // Chat models of the newer families take neither.
  return { sampling: isSampled && !model.includes('gpt-5'), effort: !isSampled }
}
