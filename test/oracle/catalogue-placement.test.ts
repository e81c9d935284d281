import { checked } from './checked.ts'

checked('placement/')
