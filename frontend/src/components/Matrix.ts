import { graphql } from '../lib/graphql.ts';
import { FactFields } from './Fact.ts';

export const MatrixFields = graphql(
  `
    fragment MatrixFields on Comparison {
      title
      tools {
        id
        name
        path
      }
      matrix {
        attribute {
          id
          label
          description
          group
        }
        cells {
          fact {
            ...FactFields
          }
          override {
            text
            reason
          }
        }
      }
    }
  `,
  [FactFields],
);
