// What the kernel's sources may name beside their imports: the number types of AssemblyScript, and the build's switch.
declare type i32 = number
/** True in builds for tests: every swap is held against TRANSITIONS. A `define`, so that a release build keeps nothing of it. */
declare const CHECKED: boolean
