import { strFromU8, unzipSync } from 'fflate'

/** What a reader that shares nothing with ours counts in one sheet. */
export interface SheetCount {
  readonly name: string
  readonly cells: number
  readonly formulas: number
}

/** Counts cells and formulas of an xlsx file with an unzip and a few patterns. */
export function independentCount(bytes: Uint8Array): readonly SheetCount[] {
  const parts = unzipSync(bytes)
  const text = (name: string): string => strFromU8(parts[name] ?? new Uint8Array())
  const root =
    /Target="\/?([^"]+)"/.exec(/<[^>]*\/officeDocument"[^>]*>/.exec(text('_rels/.rels'))?.[0] ?? '')?.[1] ?? ''
  const folder = root.slice(0, root.lastIndexOf('/') + 1)
  const targets = new Map(
    [...text(`${folder}_rels/${root.slice(folder.length)}.rels`).matchAll(/<[^>]*Relationship [^>]*>/g)].map(
      ([tag]) => [/\sId="([^"]*)"/.exec(tag)?.[1], /\sTarget="([^"]*)"/.exec(tag)?.[1] ?? ''],
    ),
  )
  return [...text(root).matchAll(/<(?:\w+:)?sheet\s[^>]*>/g)].map(([tag]) => {
    const target = targets.get(/\sr:id="([^"]*)"/.exec(tag)?.[1]) ?? ''
    const xml = text(target.startsWith('/') ? target.slice(1) : folder + target)
    const cells = [...xml.matchAll(/<(?:\w+:)?c((?:\s[^>]*[^/>])?|\s*)>(.*?)<\/(?:\w+:)?c>/gs)]
    const isFormula = (body = ''): boolean => /<(?:\w+:)?f[\s>](?!ca="1"\s*\/>)/.test(body)
    const formulas = cells.filter(([, , body]) => isFormula(body))
    const valued = cells.filter(([, tag = '', body = '']) => {
      const emptyText = /\st="str"/.test(tag) && /<(?:\w+:)?v[\s>]/.test(body)
      return emptyText || /<(?:\w+:)?v(?:\s[^>]*)?>[^<]|<(?:\w+:)?is>/.test(body) || isFormula(body)
    })
    return { name: decoded(/\sname="([^"]*)"/.exec(tag)?.[1] ?? ''), cells: valued.length, formulas: formulas.length }
  })
}

function decoded(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&apos;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
