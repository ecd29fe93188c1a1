import { XMLParser } from 'fast-xml-parser'
import { Refusal } from './refusal.ts'
import { decodeXmlEntities } from './xml-text.ts'

/** One element of a small XML part, without namespace prefixes. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** The text directly inside, entities decoded. */
  readonly text: string
}

interface Parsed {
  readonly '#text'?: string
  readonly '#cdata'?: readonly Parsed[]
  readonly ':@'?: Readonly<Record<string, string>>
  readonly [name: string]: unknown
}

const parser = new XMLParser({
  preserveOrder: true,
  removeNSPrefix: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: '#cdata',
  processEntities: false,
})

/** As a tree, a part takes some twenty times its size. */
const LONGEST = 32 * 1024 * 1024

/** Parses a small part (never a sheet) into its root element; null when there is none. */
export function parseXmlTree(xml: string, part: string): XmlElement | null {
  if (xml.length > LONGEST) throw new Refusal('TOO_LARGE', `The part ${part} has ${xml.length} characters.`)
  try {
    return elementsOf(parser.parse(xml))[0] ?? null
  } catch {
    throw new Refusal('BAD_PACKAGE', `The part ${part} is not well-formed XML.`)
  }
}

/** The children with one name. */
export function childrenOf(element: XmlElement | null | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

/** The first child along a path of names. */
export function childOf(element: XmlElement | null | undefined, ...path: readonly string[]): XmlElement | undefined {
  let at: XmlElement | undefined = element ?? undefined
  for (const name of path) at = at?.children.find((child) => child.name === name)
  return at
}

function elementsOf(nodes: unknown): readonly XmlElement[] {
  if (!Array.isArray(nodes)) return []
  const elements: XmlElement[] = []
  for (const node of nodes as readonly Parsed[]) {
    const name = Object.keys(node).find((key) => key !== ':@' && !key.startsWith('#'))
    if (name === undefined) continue
    const content = node[name]
    elements.push({
      name,
      attributes: attributesOf(node[':@']),
      children: elementsOf(content),
      text: textOf(content),
    })
  }
  return elements
}

function attributesOf(raw: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {}
  for (const [key, value] of Object.entries(raw)) attributes[key] = decodeXmlEntities(value)
  return attributes
}

function textOf(nodes: unknown): string {
  if (!Array.isArray(nodes)) return ''
  let text = ''
  for (const node of nodes as readonly Parsed[]) {
    const value = node['#text']
    if (value !== undefined) text += decodeXmlEntities(value)
    else for (const raw of node['#cdata'] ?? []) text += raw['#text'] ?? ''
  }
  return text
}
