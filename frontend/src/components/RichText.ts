import { graphql } from '../lib/graphql.ts';

export const RichTextFields = graphql(`
  fragment RichTextFields on RichText {
    html
  }
`);
