"""Import this first in every entry module of a service, and first in a test that runs one."""

import warnings

# eventlet's advice against itself is known and was decided upon; it need not greet every start.
warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated.*")
warnings.filterwarnings("ignore", module=r"eventlet(\..*)?")

import eventlet  # noqa: E402

eventlet.monkey_patch()
