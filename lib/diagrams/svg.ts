// What all drawings share: text that is safe in XML and HTML, an estimate of its width, and colours for light and dark.

export const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

/** Estimated width in pixels of a text in a sans-serif font: wide enough for the usual ones. */
export const widthOf = (text: string, size: number): number => [...text].reduce((sum, char) => sum + charWidth(char), 0) * size

const charWidth = (char: string): number => /[ijltf.,:;'|()[\] ]/.test(char) ? 0.36 : /[A-Zmw→]/.test(char) ? 0.78 : 0.58

/** Text cut to a width, with an ellipsis where something is missing. */
export function fitted(text: string, size: number, width: number): string {
  if (widthOf(text, size) <= width) return text
  let cut = text
  while (cut.length > 1 && widthOf(`${cut}…`, size) > width) cut = cut.slice(0, -1)
  return `${cut.trimEnd()}…`
}

/** Colours of what is not a state. They follow the reader's light or dark mode, also where the picture is an image in a page. */
const STYLE = `
:root { --paper: #ffffff; --text: #1b1f24; --faint: #6a737d; --line: #8b949e; --rule: #e3e6ea; --alarm: #c5221f }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --text: #e6edf3; --faint: #9aa4ae; --line: #768390; --rule: #2b3138; --alarm: #ff7b72 } }
text { font-family: Helvetica, Arial, sans-serif; fill: var(--text) }`

/** A picture of its own, with a title and a description for those who do not see it. */
export function picture(width: number, height: number, title: string, about: string, style: string, body: string): string {
  const w = Math.ceil(width), h = Math.ceil(height)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-labelledby="title about">
<title id="title">${escaped(title)}</title>
<desc id="about">${escaped(about)}</desc>
<style>${STYLE}${style}</style>
<rect width="${w}" height="${h}" fill="var(--paper)"/>
${body}
</svg>
`
}
