"""The bus between services: brokerless ZeroMQ, endpoints from the stage file."""
