/**
 * A job, with a link to its page in TD's console if the endpoint has a console.
 * @param {{ job: string, consoleUrl: string | undefined }} props
 */
export function JobLink({ job, consoleUrl }) {
  if (!consoleUrl) return <span>job {job}</span>;
  return (
    <a
      href={consoleUrl}
      target="_blank"
      rel="noreferrer"
      title={`Job ${job} in the console of Treasure Data`}
    >
      job {job}
    </a>
  );
}
