import { checked } from './checked.ts'

checked('kinds/')
