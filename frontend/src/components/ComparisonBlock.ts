import { graphql } from '../lib/graphql.ts';
import { MatrixFields } from './Matrix.ts';

export const ComparisonBlockFields = graphql(
  `
    fragment ComparisonBlockFields on ComparisonBlock {
      id
      note
      comparison {
        title
        path
        ...MatrixFields
      }
    }
  `,
  [MatrixFields],
);
