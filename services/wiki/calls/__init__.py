"""Operations of the wiki as programs call them, the same for XML-RPC, SOAP, Perspective Broker and REST."""
