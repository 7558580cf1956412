// The store of free pages: who wants pages claims them here, and what is given back is found here again. Nothing is listed and
// nothing is joined: what lies side by side and is nobody's is one run, whoever had it before.
//
// One page is claimed by one swap. For more, the first page is marked Claimed, the others become its tails, and one swap of the
// first page makes them a span or a run. Law: nothing is written to the pages before that. So a claim that its worker does
// not finish holds nobody up: whoever needs its pages marks the first page Free, and then the tails are nobody's.

import { Word, below, load, low, peek, poke } from './memory'
import { swap } from './step'
import { Hint, hintsOf, pageAt, pagesInAll } from './layout'
import {
  Page, PageStep, claimedWord, freeWord, isEmptied, isLater, laterThan, pageState, pagesIn, runWord, stockedWord, tailWord, versionIn,
} from './words/page'
import { isKept } from './zone'

/** Pages that a worker looks at before it goes on elsewhere: the words of so many fill eight lines, which no other worker then changes. */
const GROUP: i32 = 64
/** Runs of a class are spans; this stands for a run that is no span. */
export const NO_CLASS: i32 = -1

// --- what is nobody's

/** Whether the page, whose word was read, is nobody's. A law for who claims it: that word must not have changed since. */
export function isFree(map: i32, page: i32, word: Word): boolean {
  const state = pageState(word)
  if (state === Page.Table) return !isKept(map, page, word)
  if (state === Page.Tail) return !isHeld(map, page, word)
  return state <= Page.Free || isEmptied(word)
}

/** Whether a tail's first page has it still. One whose blocks are all free has not: nobody takes of them, but claims the pages anew. */
function isHeld(map: i32, page: i32, tail: Word): boolean {
  const distance = low(tail), first = page - distance
  if (!below(first, page)) return true
  const seen = load(pageAt(map, first))
  return versionIn(seen) === versionIn(tail) && pagesIn(seen) > distance && !isEmptied(seen)
}

/** The first page of the unfinished claim that has this page, or -1 if none has. */
export function claimOver(map: i32, page: i32, word: Word): i32 {
  if (pageState(word) === Page.Claimed) return page
  if (pageState(word) !== Page.Tail || !isHeld(map, page, word)) return -1
  const first = page - low(word)
  return pageState(load(pageAt(map, first))) === Page.Claimed ? first : -1
}

/** Takes the pages from a claim, if it is not finished meanwhile. */
export function abandonAt(map: i32, first: i32): void {
  const seen = load(pageAt(map, first))
  if (pageState(seen) === Page.Claimed) abandon(map, first, seen)
}

/** A claim that nobody has finished. If it is only slow, its worker finds that out and looks for others. */
function abandon(map: i32, page: i32, seen: Word): void { swap(pageAt(map, page), seen, freeWord(seen), PageStep.Abandon) }

// --- claiming

/** Claims a span for blocks of a class, the first block taken, or a run: its first page, or -1 if there is none. */
export function claimPages(map: i32, me: i32, pages: i32, sizeClass: i32): i32 {
  const first = claimNear(map, me, pages, sizeClass)
  if (first >= 0) return first
  const all = pagesInAll(map), found = claimBetween(map, 0, all, pages, sizeClass)
  if (found >= 0) return found
  // Nothing is left but what others have claimed and not finished. Where they are dead, nobody else would ever give it back.
  abandonAll(map)
  return claimBetween(map, 0, all, pages, sizeClass)
}

function abandonAll(map: i32): void {
  for (let page = 0; page < pagesInAll(map); page++) abandonAt(map, page)
}

/** Only speed: looks where pages were found last, from the middle outwards, so that the tables can grow at both ends. */
function claimNear(map: i32, me: i32, pages: i32, sizeClass: i32): i32 {
  return sizeClass === NO_CLASS ? claimRun(map, me, pages) : claimSpan(map, me, pages, sizeClass)
}

/** Goes through the groups from the caller's own on. */
function claimSpan(map: i32, me: i32, pages: i32, sizeClass: i32): i32 {
  const hints = hintsOf(map, me), groups = groupsOf(map)
  let group = peek(hints, Hint.Group)
  for (let n = 0; n < groups; n++) {
    if (!below(group, groups)) group = 0
    const first = claimInGroup(map, group, pages, sizeClass)
    if (first >= 0) {
      poke(hints, Hint.Group, group)
      return first
    }
    group++
  }
  return -1
}

function groupsOf(map: i32): i32 { return (pagesInAll(map) / (GROUP << 1) | 0) + 1 << 1 }
/** The group of a page. */
function groupOf(map: i32, page: i32): i32 {
  const middle = pagesInAll(map) >> 1
  return page < middle ? ((middle - 1 - page) / GROUP | 0) << 1 | 1 : ((page - middle) / GROUP | 0) << 1
}

/** Even groups lie upwards from the middle, odd ones downwards: each begins with the page that is nearest to the middle. */
function claimInGroup(map: i32, group: i32, pages: i32, sizeClass: i32): i32 {
  const all = pagesInAll(map), middle = all >> 1, away = (group >> 1) * GROUP, from = middle + away, to = middle - away
  if ((group & 1) !== 0) return claimDown(map, to - GROUP < 0 ? 0 : to - GROUP, to, pages, sizeClass)
  return claimBetween(map, from, from + GROUP > all ? all : from + GROUP, pages, sizeClass)
}

/** Goes on where the last run ended, on the side where that is nearer to the middle; then on the other. */
function claimRun(map: i32, me: i32, pages: i32): i32 {
  const hints = hintsOf(map, me), middle = pagesInAll(map) >> 1, up = peek(hints, Hint.Up), down = peek(hints, Hint.Down)
  const upFirst = up <= down, first = upFirst ? runUp(map, me, middle + up, pages) : runDown(map, me, middle - down, pages)
  if (first >= 0) return first
  return upFirst ? runDown(map, me, middle - down, pages) : runUp(map, me, middle + up, pages)
}

function runUp(map: i32, me: i32, from: i32, pages: i32): i32 {
  const all = pagesInAll(map), first = claimBetween(map, from < 0 ? 0 : from, all, pages, NO_CLASS)
  if (first >= 0) poke(hintsOf(map, me), Hint.Up, first + pages - (all >> 1))
  return first
}

function runDown(map: i32, me: i32, to: i32, pages: i32): i32 {
  const middle = pagesInAll(map) >> 1, first = claimDown(map, 0, to > middle ? middle : to, pages, NO_CLASS)
  if (first >= 0) poke(hintsOf(map, me), Hint.Down, middle - first)
  return first
}

// The core: the pages to which evacuation brings everything. So many in the middle, or, as a negative number, at the beginning.

export function coreStart(map: i32, core: i32): i32 { return core < 0 ? 0 : pagesInAll(map) - core >> 1 }
export function coreEnd(map: i32, core: i32): i32 { return core < 0 ? -core : coreStart(map, core) + core }
export function isInCore(map: i32, page: i32, core: i32): boolean { return page >= coreStart(map, core) && page < coreEnd(map, core) }

/** Notes that pages came free: who gave them back claims near the middle again, so that both ends stay free for the tables. */
export function noteFreePages(map: i32, me: i32, page: i32, pages: i32): void {
  const hints = hintsOf(map, me), group = groupOf(map, page), middle = pagesInAll(map) >> 1
  if (below(group, peek(hints, Hint.Group))) poke(hints, Hint.Group, group)
  if (page >= middle && page - middle < peek(hints, Hint.Up)) poke(hints, Hint.Up, page - middle)
  if (page < middle && middle - page - pages < peek(hints, Hint.Down)) poke(hints, Hint.Down, middle - page - pages)
}

/** Claims the first of these pages that are so many side by side: the first one, or -1. */
export function claimBetween(map: i32, from: i32, to: i32, pages: i32, sizeClass: i32): i32 {
  let run = 0
  for (let page = from < 0 ? 0 : from; page < to; page++) {
    run = isFree(map, page, load(pageAt(map, page))) ? run + 1 : 0
    if (run < pages) continue
    if (claim(map, page - pages + 1, pages, sizeClass)) return page - pages + 1
    run = 0
  }
  return -1
}

/** Claims the last of these pages that are so many side by side: the first one, or -1. */
function claimDown(map: i32, from: i32, to: i32, pages: i32, sizeClass: i32): i32 {
  let run = 0
  for (let page = to - 1; page >= from; page--) {
    run = isFree(map, page, load(pageAt(map, page))) ? run + 1 : 0
    if (run < pages) continue
    if (claim(map, page, pages, sizeClass)) return page
    run = 0
  }
  return -1
}

function claim(map: i32, first: i32, pages: i32, sizeClass: i32): boolean {
  return pages === 1 ? stock(map, first, sizeClass) : claimMany(map, first, pages, sizeClass)
}

/** A span of one page, by one swap. No run is so short. */
function stock(map: i32, page: i32, sizeClass: i32): boolean {
  const seen = load(pageAt(map, page)), version = laterThan(versionIn(seen))
  return isFree(map, page, seen) && swap(pageAt(map, page), seen, stockedWord(version, sizeClass), PageStep.Stock)
}

function claimMany(map: i32, first: i32, pages: i32, sizeClass: i32): boolean {
  const seen = load(pageAt(map, first)), claimed = claimedWord(laterThan(latest(map, first, pages)), pages), version = versionIn(claimed)
  if (!isFree(map, first, seen) || !isLater(version, versionIn(seen))) return false
  if (!swap(pageAt(map, first), seen, claimed, PageStep.Claim)) return false
  for (let distance = 1; distance < pages; distance++) {
    // Somebody else was there first. Their claim goes on: of several that meet, the one that lies highest always can.
    if (!claimTail(map, first + distance, tailWord(version, distance))) { abandon(map, first, claimed); return false }
  }
  return sizeClass === NO_CLASS
    ? swap(pageAt(map, first), claimed, runWord(version, pages), PageStep.PublishRun)
    : swap(pageAt(map, first), claimed, stockedWord(version, sizeClass), PageStep.Publish)
}

/** The latest version of these pages. */
function latest(map: i32, first: i32, pages: i32): i32 {
  let version = versionIn(load(pageAt(map, first)))
  for (let page = first + 1; page < first + pages; page++) {
    const other = versionIn(load(pageAt(map, page)))
    if (isLater(other, version)) version = other
  }
  return version
}

function claimTail(map: i32, page: i32, tail: Word): boolean {
  while (true) {
    const seen = load(pageAt(map, page))
    // Correctness: also a tail that was ours already once is claimed anew, by its version. Else who has found it nobody's, and
    // sleeps, could take it from us.
    if (!isFree(map, page, seen) || !isLater(versionIn(tail), versionIn(seen))) return false
    if (swap(pageAt(map, page), seen, tail, PageStep.ClaimTail)) return true
  }
}

// --- what is free, for statistics and at rest

/** How many pages are nobody's. */
export function freePages(map: i32): i32 {
  let free = 0
  for (let page = 0; page < pagesInAll(map); page++) if (isFree(map, page, load(pageAt(map, page)))) free++
  return free
}

/** The longest run of pages that are nobody's. */
export function mostTogether(map: i32): i32 {
  let most = 0, run = 0
  for (let page = 0; page < pagesInAll(map); page++) {
    run = isFree(map, page, load(pageAt(map, page))) ? run + 1 : 0
    if (run > most) most = run
  }
  return most
}
