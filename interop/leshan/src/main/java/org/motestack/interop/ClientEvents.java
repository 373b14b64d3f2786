package org.motestack.interop;

import static org.motestack.interop.JsonLines.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.eclipse.leshan.client.observer.LwM2mClientObserverAdapter;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.core.request.DeregisterRequest;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.core.request.UpdateRequest;

/** Tells what becomes of each bootstrap, Register, Update and De-register. */
final class ClientEvents extends LwM2mClientObserverAdapter {

    private final JsonLines lines;

    ClientEvents(JsonLines lines) {
        this.lines = lines;
    }

    @Override
    public void onBootstrapSuccess(LwM2mServer server, BootstrapRequest request) {
        lines.event("bootstrapped", object());
    }

    @Override
    public void onBootstrapFailure(LwM2mServer server, BootstrapRequest request, ResponseCode code, String message,
            Exception cause) {
        lines.event("bootstrapFailed", failure(code, message, cause));
    }

    @Override
    public void onBootstrapTimeout(LwM2mServer server, BootstrapRequest request) {
        lines.event("bootstrapFailed", object().put("error", "timeout"));
    }

    @Override
    public void onRegistrationSuccess(LwM2mServer server, RegisterRequest request, String registrationId) {
        lines.event("registered", object().put("location", registrationId));
    }

    @Override
    public void onRegistrationFailure(LwM2mServer server, RegisterRequest request, ResponseCode code, String message,
            Exception cause) {
        lines.event("registrationFailed", failure(code, message, cause));
    }

    @Override
    public void onRegistrationTimeout(LwM2mServer server, RegisterRequest request) {
        lines.event("registrationFailed", object().put("error", "timeout"));
    }

    @Override
    public void onUpdateSuccess(LwM2mServer server, UpdateRequest request) {
        ObjectNode event = object();
        if (request.getLifeTimeInSec() != null) {
            event.put("lifetime", request.getLifeTimeInSec());
        }
        lines.event("updated", event);
    }

    @Override
    public void onUpdateFailure(LwM2mServer server, UpdateRequest request, ResponseCode code, String message,
            Exception cause) {
        lines.event("updateFailed", failure(code, message, cause));
    }

    @Override
    public void onUpdateTimeout(LwM2mServer server, UpdateRequest request) {
        lines.event("updateFailed", object().put("error", "timeout"));
    }

    @Override
    public void onDeregistrationSuccess(LwM2mServer server, DeregisterRequest request) {
        lines.event("deregistered", object());
    }

    @Override
    public void onDeregistrationFailure(LwM2mServer server, DeregisterRequest request, ResponseCode code, String message,
            Exception cause) {
        lines.event("deregistrationFailed", failure(code, message, cause));
    }

    @Override
    public void onDeregistrationTimeout(LwM2mServer server, DeregisterRequest request) {
        lines.event("deregistrationFailed", object().put("error", "timeout"));
    }

    @Override
    public void onUnexpectedError(Throwable error) {
        lines.event("unexpectedError", object().put("error", String.valueOf(error)));
    }

    private static ObjectNode failure(ResponseCode code, String message, Exception cause) {
        ObjectNode event = object();
        if (code != null) {
            event.put("code", code.toString());
        }
        return event.put("error", String.valueOf(message == null ? cause : message));
    }
}
