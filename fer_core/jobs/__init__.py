"""Long work: a job is a folder and a process that writes into it.

`start_job` gives a target function a process of its own, `run_here` does the same work in this process;
`read_status` and its neighbours look at the folder from anywhere. Nothing here knows a kind of job.
"""

from fer_core.jobs.control import list_jobs, read_arguments, read_result, remove_job, request_cancel
from fer_core.jobs.execution import run_here
from fer_core.jobs.folder import tail_log
from fer_core.jobs.process import continue_job, start_job
from fer_core.jobs.reporter import JobReporter
from fer_core.jobs.status import JobStatus, read_status

__all__ = [
    "JobReporter",
    "JobStatus",
    "continue_job",
    "list_jobs",
    "read_arguments",
    "read_result",
    "read_status",
    "remove_job",
    "request_cancel",
    "run_here",
    "start_job",
    "tail_log",
]
