import { HartaAlerts } from './alerts.js'
import { configure, HartaElement } from './element.js'
import { HartaGoal } from './goal.js'
import { HartaHoldings } from './holdings.js'
import { HartaNetWorth } from './net-worth.js'
import { HartaPrice } from './price.js'

/** Loading this module defines the elements, once, and only where there are custom elements. */
const elements = {
  'harta-net-worth': HartaNetWorth,
  'harta-holdings': HartaHoldings,
  'harta-price': HartaPrice,
  'harta-goal': HartaGoal,
  'harta-alerts': HartaAlerts,
} as const

if (typeof customElements === 'object') {
  for (const [name, element] of Object.entries(elements)) {
    if (!customElements.get(name)) customElements.define(name, element)
  }
}

export { configure, HartaAlerts, HartaElement, HartaGoal, HartaHoldings, HartaNetWorth, HartaPrice }

declare global {
  interface HTMLElementTagNameMap {
    'harta-net-worth': HartaNetWorth
    'harta-holdings': HartaHoldings
    'harta-price': HartaPrice
    'harta-goal': HartaGoal
    'harta-alerts': HartaAlerts
  }
}
