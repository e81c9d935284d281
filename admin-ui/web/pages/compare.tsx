// Compare: choose a scenario, or take what was just clicked as one, run it through several modes beside the served cluster, and see
// what each lost, repeated and cost.

import { Comparisons } from '../compare/comparisons.tsx'
import { Order } from '../compare/order.tsx'
import { ReportPage } from '../compare/report.tsx'
import type { PageProps } from '../pages.ts'
import '../objects/objects.css'
import '../policies/policies.css'
import '../compare/compare.css'

export default function Compare({ parts: [id] }: PageProps) {
  if (id !== undefined) return <ReportPage key={id} id={id} />
  return (
    <>
      <Order />
      <Comparisons />
    </>
  )
}
