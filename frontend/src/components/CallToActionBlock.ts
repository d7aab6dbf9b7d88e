import { graphql } from '../lib/graphql.ts';

export const CallToActionBlockFields = graphql(`
  fragment CallToActionBlockFields on CallToActionBlock {
    text
    label
    href
  }
`);
