import type { Asset, Goal, GoalBasis, NewGoal } from '../src/index.js'
import { recorded } from './asked.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import type { Field } from './field.js'
import { all } from './flow-form.js'
import { currencies, form, type Values } from './form.js'
import { insightWords } from './insight-words.js'
import { ledgerWords } from './ledger-words.js'
import { openModal } from './modal.js'
import { preferences } from './preferences.js'
import { sureButton } from './sure.js'
import type { Frame } from './top.js'

/** Adds a goal, changes one, or deletes it. */
export async function openGoal(frame: Frame, goal?: Goal): Promise<void> {
  const { harta, words } = frame
  const say = insightWords[preferences.language].goals
  const common = ledgerWords[preferences.language]
  const assets = await all(harta.assets.list({ pageSize: 100 }))
  const trouble = h('p', { class: 'fault general', role: 'alert' })
  const done = (): void => {
    close()
    recorded()
  }
  const element = form(words, fieldsOf(frame, assets, goal), goal ? common.save : say.add, async (values) => {
    const entry = goalOf(values)
    await (goal ? harta.goals.update(goal, entry) : harta.goals.create(entry))
    done()
  })
  const remove = async (target: Goal): Promise<void> => {
    try {
      await harta.goals.remove(target)
      done()
    } catch (error) {
      trouble.textContent = explain(error, words)
    }
  }
  const danger =
    goal &&
    h(
      'div',
      { class: 'danger' },
      sureButton(common.remove, common.removeSure, () => void remove(goal)),
      trouble,
    )
  const close = openModal(words, goal ? say.edit : say.add, [element, ...(danger ? [danger] : [])])
}

function fieldsOf({ harta, words }: Frame, assets: readonly Asset[], goal?: Goal): readonly Field[] {
  const say = insightWords[preferences.language].goals
  const base = harta.auth.user?.baseCurrency ?? 'USD'
  return [
    { name: 'name', label: say.name, kind: 'text', value: goal?.name ?? '', wide: true },
    { name: 'target', label: say.target, kind: 'decimal', value: goal?.target ?? '' },
    {
      name: 'currency',
      label: words.currency,
      kind: 'select',
      options: currencies(base, ...(goal ? [goal.currency] : [])),
      value: goal?.currency ?? base,
    },
    {
      name: 'basis',
      label: say.basis,
      kind: 'select',
      options: Object.entries(say.bases),
      value: goal?.basis ?? 'CONTRIBUTIONS',
    },
    { name: 'deadline', label: say.deadline, kind: 'date', optional: true, value: goal?.deadline ?? '' },
    {
      name: 'assetIds',
      label: say.assets,
      kind: 'checks',
      options: assets.map(({ id, name }) => [id, name] as const),
      value: goal?.assetIds.join() ?? '',
      when: { field: 'basis', is: ['ASSETS'] },
    },
  ]
}

function goalOf({ name = '', target = '', currency, basis, deadline, assetIds }: Values): NewGoal {
  const isOfAssets = basis === 'ASSETS'
  return {
    name,
    target,
    ...(currency === undefined ? {} : { currency }),
    basis: basis as GoalBasis,
    deadline: deadline ?? null,
    ...(isOfAssets ? { assetIds: (assetIds ?? '').split(',') } : {}),
  }
}
