import { graphql } from '../lib/graphql.ts';

export const VerdictFields = graphql(`
  fragment VerdictFields on Verdict {
    useCase
    reason
    winner {
      name
      path
    }
    runnerUp {
      name
      path
    }
  }
`);
