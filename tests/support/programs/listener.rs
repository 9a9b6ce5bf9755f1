//! An address that counts who comes.

use std::io::ErrorKind;
use std::net::TcpListener;

use anyhow::Result;

/// A port on this machine at which nobody answers. What must not be sent is sent to it, and counted.
#[derive(Debug)]
pub struct Listener(TcpListener);

impl Listener {
    /// Listens at a free port.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// The address, as a user would give it.
    pub fn host(&self) -> Result<String> {
        Ok(format!("http://{}", self.0.local_addr()?))
    }

    /// How many connections were made.
    pub fn connections(self) -> Result<usize> {
        let mut count = 0;
        loop {
            match self.0.accept() {
                Ok(_) => count += 1,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(count),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
