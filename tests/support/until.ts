/**
 * Waits until the condition holds, at most `limitMs`; throws with the given words when it never does. It looks ever
 * less often, lest those who wait keep the processor from what they wait for: after a while, every 50 ms.
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 5_000,
): Promise<void> {
  const begun = Date.now()
  while (!(await condition())) {
    const passedMs = Date.now() - begun
    if (passedMs > limitMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, Math.min(50, Math.max(10, passedMs / 20))))
  }
}
