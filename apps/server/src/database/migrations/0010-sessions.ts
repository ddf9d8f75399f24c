import { type Kysely, sql } from 'kysely';

/**
 * A login's change in one statement: as a transaction of many it took the time of as many round trips from everybody's
 * sends. The user's stream is locked by a statement of its own, so that the ones after it see what was committed
 * meanwhile: another password, the deletion of the account.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create function begin_session(
      p_user_id uuid, p_password_hash text, p_device_id uuid, p_name text, p_default_name text, p_platform text,
      p_nonce bytea, p_other_devices integer, p_lock_timeout_ms integer
    ) returns table (outcome text, device devices, events jsonb)
    language plpgsql volatile
    as $$
    declare
      v_device devices;
      v_revoked jsonb[];
      v_events text[];
      v_details jsonb[];
    begin
      perform set_config('lock_timeout', p_lock_timeout_ms::text, true);
      perform from user_streams s where s.user_id = p_user_id for no key update;

      perform from users u where u.id = p_user_id and u.password_hash = p_password_hash and u.deleted_at is null;
      if not found then
        return query select 'changed', null::devices, null::jsonb;
        return;
      end if;

      insert into devices as d (id, user_id, name, platform, refresh_nonce)
      values (p_device_id, p_user_id, coalesce(p_name, p_default_name), p_platform, p_nonce)
      on conflict (id) do update set
        generation = d.generation + 1,
        name = coalesce(p_name, d.name),
        platform = coalesce(p_platform, d.platform),
        refresh_counter = 0,
        refresh_confirmed = true,
        last_seen_at = now(),
        revoked_at = null
      where d.user_id = p_user_id
      returning * into v_device;
      if not found then
        return query select 'foreign', null::devices, null::jsonb;
        return;
      end if;

      with surplus as (
        select d.id from devices d
        where d.user_id = p_user_id and d.revoked_at is null and d.id <> p_device_id
        order by d.last_seen_at desc, d.id desc
        offset p_other_devices
      ), revoked as (
        update devices d set revoked_at = now() from surplus s where d.id = s.id returning d.id, d.generation
      )
      select array_agg(jsonb_build_object('deviceId', r.id, 'generation', r.generation)) into v_revoked from revoked r;

      v_events := array['deviceAdded'] || array_fill('deviceRevoked'::text, array[coalesce(cardinality(v_revoked), 0)]);
      v_details :=
        jsonb_build_object('deviceId', v_device.id, 'generation', v_device.generation) || coalesce(v_revoked, '{}');
      return query
      with appended as (
        select row_number() over () as position, a.user_seq
        from append_user_events(
          array_fill(p_user_id, array[cardinality(v_events)]), v_events,
          array_fill(null::uuid, array[cardinality(v_events)]), v_details
        ) a
      )
      select 'begun', v_device, jsonb_agg(
        jsonb_build_object(
          'userSeq', a.user_seq, 'event', v_events[a.position], 'details', v_details[a.position]
        ) order by a.position
      ) from appended a;
    end
    $$`.execute(database);
}
