// Links to a step of a run: `#step=17`, `#trace=empty-slot&step=17`.

/** What a link names. */
export interface Place { readonly trace: string | undefined, readonly step: number | undefined }

export function readLink(hash: string): Place {
  const parts = new URLSearchParams(hash.replace(/^#/, '')), step = parts.get('step')
  return { trace: parts.get('trace') ?? undefined, step: step !== null && /^\d+$/.test(step) ? Number(step) : undefined }
}

/** The link to a step; without a name where the page holds one run alone. */
export const linkTo = (trace: string | undefined, step: number): string => `#${trace === undefined ? '' : `trace=${encodeURIComponent(trace)}&`}step=${step}`
