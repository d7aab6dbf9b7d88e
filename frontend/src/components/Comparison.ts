import { graphql } from '../lib/graphql.ts';
import { BlockFields } from './Blocks.ts';
import { BreadcrumbFields } from './Breadcrumbs.ts';
import { CorrectionFields } from './Corrections.ts';
import { MatrixFields } from './Matrix.ts';
import { VerdictFields } from './Verdict.ts';

export const ComparisonFields = graphql(
  `
    fragment ComparisonFields on Comparison {
      title
      path
      locale
      intro
      updatedAt
      entries {
        note
        tool {
          name
        }
      }
      verdicts {
        ...VerdictFields
      }
      body {
        ...BlockFields
      }
      corrections {
        ...CorrectionFields
      }
      ...MatrixFields
      ...BreadcrumbFields
    }
  `,
  [BlockFields, BreadcrumbFields, CorrectionFields, MatrixFields, VerdictFields],
);
